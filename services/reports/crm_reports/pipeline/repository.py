"""Statements of the pipeline."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.principal import Principal
from crm_chassis.paging import Keyset
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.deal_facts import Asked, facts
from crm_reports.horizon import Horizon
from crm_reports.kept import Sum, Sums


async def sums(
    connection: AsyncConnection, caller: Principal, asked: Asked, horizon: Horizon, deals: Sequence[UUID] | None
) -> Sums:
    """By (stage, currency): of all deals in the pipeline or of these."""
    fact = facts(caller, "held", asked, horizon, deals=deals)
    statement = sa.select(
        fact.c.stage_id, fact.c.currency, sa.func.count().label("deals"), sa.func.sum(fact.c.amount).label("amount")
    ).group_by(fact.c.stage_id, fact.c.currency)
    rows = (await connection.execute(statement)).all()
    return {(row.stage_id, row.currency): Sum(row.deals, row.amount) for row in rows}


async def records(
    connection: AsyncConnection, caller: Principal, asked: Asked, horizon: Horizon, *, cursor: str | None, limit: int
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """A page of the deals in a stage, those that entered it last first."""
    fact = facts(caller, "held", asked, horizon)
    keyset = Keyset(("at", fact.c.at, "desc"), ("deal_id", fact.c.deal_id, "desc"))
    statement = keyset.apply(sa.select(fact), cursor, limit)
    return keyset.page((await connection.execute(statement)).all(), limit)
