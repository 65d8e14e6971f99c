"""Route of deal lines."""

from uuid import UUID

from crm_chassis.http import JSON, Caller, IfMatch, Tx
from fastapi import APIRouter

from crm_deals.deals.schemas import DealOut
from crm_deals.lines import service
from crm_deals.lines.schemas import LinesIn

router = APIRouter(prefix="/deals", tags=["deals"])


@router.put("/{id}/lines", response_model=DealOut)
async def put_lines(id: UUID, body: LinesIn, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
    """All lines of the deal at once; the deal comes back with its new amount."""
    deal = await service.put_lines(tx, caller, id, version, body.lines)
    return JSON(deal, etag=deal.version)
