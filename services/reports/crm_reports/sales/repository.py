"""Statements of sales."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.principal import Principal
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.deal_facts import Asked, facts
from crm_reports.horizon import Horizon
from crm_reports.kept import Sum, Sums
from crm_reports.sales.rules import By, Figure


async def sums(
    connection: AsyncConnection,
    caller: Principal,
    asked: Asked,
    by: By,
    begins: Sequence[datetime],
    horizon: Horizon,
    deals: Sequence[UUID] | None,
) -> Sums:
    """By (figure, key, currency): of all deals or of these. `begins` are the instants at which spans of time begin,
    whose keys are their places among them."""
    figures = [figure for figure in Figure if not (by.is_time and figure is Figure.OPEN)]
    parts = []
    for figure in figures:
        fact = facts(caller, figure.value, asked, horizon, by_product=by is By.PRODUCT, deals=deals)
        key = _key(fact, by, begins)
        parts.append(
            sa.select(
                sa.literal(figure.value).label("figure"),
                key.label("key"),
                fact.c.currency,
                sa.func.count().label("deals"),
                sa.func.sum(fact.c.amount).label("amount"),
                sa.func.coalesce(sa.func.sum(fact.c.seconds), 0).label("seconds"),
            ).group_by(key, fact.c.currency)
        )
    rows = (await connection.execute(sa.union_all(*parts))).all()
    return {
        (Figure(row.figure), row.key, row.currency): Sum(row.deals, row.amount, Decimal(row.seconds)) for row in rows
    }


async def records(
    connection: AsyncConnection,
    caller: Principal,
    asked: Asked,
    figure: Figure,
    horizon: Horizon,
    *,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """A page of the deals a figure counts, newest first."""
    fact = facts(caller, figure.value, asked, horizon)
    keyset = Keyset(("at", fact.c.at, "desc"), ("deal_id", fact.c.deal_id, "desc"))
    statement = keyset.apply(sa.select(fact), cursor, limit)
    return keyset.page((await connection.execute(statement)).all(), limit)


def _key(fact: sa.Subquery, by: By, begins: Sequence[datetime]) -> sa.ColumnElement[Any]:
    if by.is_time:
        # Told apart by bounds we computed: one zone database, and days of 23 or 25 hours are right.
        nth = sa.func.width_bucket(fact.c.at, sa.literal(list(begins), ARRAY(sa.DateTime(timezone=True))))
        return sa.cast(nth, sa.Text)
    column = {
        By.EMPLOYEE: "owner_id",
        By.TEAM: "team_id",
        By.OFFICE: "office",
        By.PRODUCT: "product_id",
        By.COMPANY: "company_id",
        By.CURRENCY: "currency",
    }.get(by)
    return sa.cast(sa.null() if column is None else fact.c[column], sa.Text)
