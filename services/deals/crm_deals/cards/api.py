"""Route of deals' part of a card: the gateway splices its bytes under the card of contacts."""

from typing import Literal
from uuid import UUID

from crm_chassis.http import JSON, Caller, Reader
from fastapi import APIRouter

from crm_deals.cards.part import CardPart, card_part

router = APIRouter(prefix="/card", tags=["cards"])


@router.get("/{kind}/{id}", response_model=CardPart)
async def get_card_part(kind: Literal["person", "company"], id: UUID, caller: Caller, connection: Reader) -> JSON:
    """Open deals, the last ones closed and open tasks of a person or company, as far as the caller may see them."""
    return JSON(await card_part(connection, caller, kind, id))
