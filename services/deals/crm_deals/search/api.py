"""Route of the search for deals; the gateway joins it with those of other services."""

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.tables import alias
from crm_chassis.text import Line
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.cards.models import person_card
from crm_deals.deals.models import deal
from crm_deals.search.conditions import named, titled
from crm_deals.search.rules import patterns

AT_MOST = 20

router = APIRouter(prefix="/search", tags=["search"])


class SearchQuery(BaseModel):
    """Words of a deal's title, or of its person's name."""

    model_config = ConfigDict(extra="forbid")

    q: Line


class FoundDeal(BaseModel):
    """A deal that was found."""

    id: UUID
    title: str
    person_id: UUID | None
    owner_id: UUID
    outcome: str | None


class Found(BaseModel):
    """At most 20 deals, last moved first."""

    deals: list[FoundDeal]


async def search_deals(connection: AsyncConnection, caller: Principal, text: str) -> list[FoundDeal]:
    """Deals whose title, or whose person's name, has all the words. A person the caller may not see finds nothing."""
    wanted = patterns(text)
    if not wanted:
        return []
    statement, rights = _found(caller, len(wanted))
    given = {f"pattern_{number}": pattern for number, pattern in enumerate(wanted)}
    return [
        FoundDeal(
            id=row.id,
            title=row.title,
            person_id=row.person_id,
            owner_id=row.owner_id,
            outcome=None if row.outcome == "open" else row.outcome,
        )
        for row in await connection.execute(statement, rights | given)
    ]


@per_rights
def _found(caller: Principal, words: int) -> sa.Select[Any]:
    wanted = [sa.bindparam(f"pattern_{number}", type_=sa.Text) for number in range(words)]
    seen = visible(caller, "deal", "read", deal.c.owner_id)
    columns = (deal.c.id, deal.c.title, deal.c.person_id, deal.c.owner_id, deal.c.outcome, deal.c.stage_entered_at)
    order = (deal.c.stage_entered_at.desc(), deal.c.id.desc())
    by_title: sa.Select[Any] = sa.select(*columns).where(seen, titled(wanted))
    its_person = (seen, named(caller, wanted))
    by_name: sa.Select[Any] = (
        sa.select(*columns).join(person_card, person_card.c.id == deal.c.person_id).where(*its_person)
    )
    of_merged: sa.Select[Any] = (
        sa.select(*columns)
        .join(alias, sa.and_(alias.c.noun == "person", alias.c.loser == deal.c.person_id))
        .join(person_card, person_card.c.id == alias.c.winner)
        .where(*its_person)
    )
    first = [one.order_by(*order).limit(AT_MOST).subquery() for one in (by_title, by_name, of_merged)]
    both = sa.union(*(one.select() for one in first)).subquery()
    return sa.select(both).order_by(both.c.stage_entered_at.desc(), both.c.id.desc()).limit(AT_MOST)


@router.get("", response_model=Found)
async def search(query: Annotated[SearchQuery, Query()], caller: Caller, connection: Reader) -> JSON:
    """Deals by title or by their person's name."""
    return JSON(Found(deals=await search_deals(connection, caller, query.q)))
