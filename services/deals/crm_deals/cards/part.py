"""Deals' part of a card, in three statements: ids, deals, tasks."""

from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.cards.repository import all_ids
from crm_deals.deals.models import deal
from crm_deals.deals.repository import WHOLE
from crm_deals.deals.schemas import DealOut, deal_out
from crm_deals.tasks.models import task
from crm_deals.tasks.schemas import TaskOut, task_out

LAST_CLOSED = 5
AT_MOST = 100
"""Of open deals and of open tasks; whoever has more finds them in the lists."""


class CardPart(BaseModel):
    """Open deals last moved first, then the last five closed; open tasks by when they are due."""

    deals: list[DealOut]
    tasks: list[TaskOut]


async def card_part(
    connection: AsyncConnection, caller: Principal, kind: Literal["person", "company"], id: UUID
) -> CardPart:
    """What deals knows of the card. A company's tasks are those of its deals."""
    ids = {"ids": await all_ids(connection, kind, id)}
    deals, rights = _deals(caller, kind)
    tasks, _ = _tasks(caller, kind)
    return CardPart(
        deals=[deal_out(row) for row in await connection.execute(deals, rights | ids)],
        tasks=[task_out(row) for row in await connection.execute(tasks, rights | ids)],
    )


_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)


@per_rights
def _deals(caller: Principal, kind: str) -> sa.CompoundSelect[Any]:
    theirs = deal.c[f"{kind}_id"].in_(_IDS)
    shown = theirs & visible(caller, "deal", "read", deal.c.owner_id)
    return sa.union_all(
        WHOLE.where(shown, deal.c.outcome == "open")
        .order_by(deal.c.stage_entered_at.desc(), deal.c.id.desc())
        .limit(AT_MOST)
        .subquery("open_deals")
        .select(),
        WHOLE.where(shown, deal.c.outcome != "open")
        .order_by(deal.c.closed_at.desc(), deal.c.id.desc())
        .limit(LAST_CLOSED)
        .subquery("closed_deals")
        .select(),
    )


@per_rights
def _tasks(caller: Principal, kind: str) -> sa.Select[Any]:
    theirs = deal.c[f"{kind}_id"].in_(_IDS)
    of_deals = task.c.deal_id.in_(sa.select(deal.c.id).where(theirs))
    about = sa.or_(task.c.person_id.in_(_IDS), of_deals) if kind == "person" else of_deals
    return (
        sa.select(*task.c)
        .where(about, task.c.status == "open", visible(caller, "task", "read", task.c.owner_id))
        .order_by(task.c.due_at, task.c.id)
        .limit(AT_MOST)
    )
