"""Use cases of sales: the figures in groups, and the deals behind one of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_chassis.access.principal import Principal
from crm_chassis.paging import Page
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports import labels
from crm_reports.days import day_start
from crm_reports.deal_facts import Asked
from crm_reports.horizon import Horizon, resolve, window
from crm_reports.kept import KeptSums, Sums
from crm_reports.links import spelled
from crm_reports.sales import repository, rules
from crm_reports.sales.rules import By, Figure, Group, Span, Total
from crm_reports.sales.schemas import (
    ClosedFigure,
    Sales,
    SalesFigure,
    SalesGroup,
    SalesQuery,
    SalesRecord,
    SalesRecordsQuery,
)

RECORDS = "/api/v1/reports/sales/records"
_FILTERS = {
    By.EMPLOYEE: "owner_id",
    By.TEAM: "team_id",
    By.OFFICE: "office",
    By.PRODUCT: "product_id",
    By.COMPANY: "company_id",
    By.CURRENCY: "currency",
}
_NAMED: dict[By, labels.Named] = {By.TEAM: "team", By.PRODUCT: "product", By.COMPANY: "company"}


async def sales(
    connection: AsyncConnection, kept: KeptSums, caller: Principal, query: SalesQuery, zone: ZoneInfo, now: datetime
) -> Sales:
    """The figures of every group that has a deal, of the deals the caller may see reports on."""
    asked = _asked(query, zone)
    horizon = await resolve(connection, query, zone, now, complete=True)
    spans = rules.spans(query.from_day, query.to_day, query.by) if query.by.is_time else []
    begins = [day_start(span.first, zone) for span in spans]

    async def summing(at: Horizon, deals: Sequence[UUID] | None) -> Sums:
        return await repository.sums(connection, caller, asked, query.by, begins, at, deals)

    key = ("sales", query.model_dump_json(exclude={"as_of", "known_at", "limit"}), zone.key)
    groups = _groups(await kept.at(connection, caller, horizon, key, summing), query.by, spans)
    if caller.scope("report", "read") is None:
        groups = {}  # not even that there is nothing
    ordered = rules.in_order(groups, query.by)
    shown = ordered[: query.limit]
    names = await _names(connection, query.by, [key for key, _ in shown if key is not None], horizon)
    return Sales(
        from_day=query.from_day,
        to_day=query.to_day,
        zone=zone.key,
        as_of=horizon.as_of,
        known_at=horizon.known_at,
        by=query.by,
        groups=[_group(key, names.get(key), group, query, spans, horizon) for key, group in shown],
        left_off=len(ordered) - len(shown),
    )


async def records(
    connection: AsyncConnection, caller: Principal, query: SalesRecordsQuery, zone: ZoneInfo, now: datetime
) -> Page[SalesRecord]:
    """A page of exactly the deals a figure counts, newest first."""
    asked = _asked(query, zone)
    horizon = await resolve(connection, query, zone, now, complete=True)
    page, cursor = await repository.records(
        connection, caller, asked, query.figure, horizon, cursor=query.cursor, limit=query.limit
    )
    items = [SalesRecord.model_validate(row._asdict() | {"amount": format(row.amount, "f")}) for row in page]
    return Page(items=items, next_cursor=cursor)


def _asked(query: SalesQuery | SalesRecordsQuery, zone: ZoneInfo) -> Asked:
    start, end = window(query.from_day, query.to_day, zone)
    return Asked(query, start, end)


def _groups(sums: Sums, by: By, spans: Sequence[Span]) -> dict[str | None, Group]:
    groups: dict[str | None, dict[Figure, Total]] = {}
    if by is By.NONE:
        groups[None] = rules.empty_group()
    for (figure, key, currency), each in sums.items():
        name = spans[int(key) - 1].name if by.is_time else key
        group = groups.setdefault(name, rules.empty_group())
        group[figure].add(currency, each.count, each.amount, each.seconds)
    return dict(groups)


async def _names(connection: AsyncConnection, by: By, keys: Sequence[str], horizon: Horizon) -> dict[str | None, str]:
    noun = _NAMED.get(by)
    if noun is None:
        return {}
    found = await labels.names(connection, noun, [UUID(key) for key in keys], horizon.known_at)
    return {str(id): name for id, name in found.items()}


def _group(
    key: str | None, name: str | None, group: Group, query: SalesQuery, spans: Sequence[Span], horizon: Horizon
) -> SalesGroup:
    days: dict[str, Any] = {"from": query.from_day, "to": query.to_day}
    where = query.narrowed()
    if query.by.is_time:
        span = next(each for each in spans if each.name == key)
        days = {"from": span.first, "to": span.last}
    elif key is not None:
        where[_FILTERS[query.by]] = key
    elif query.by is not By.NONE:
        where["without"] = sorted({*query.without, query.by.value})

    def shown(figure: Figure) -> dict[str, Any]:
        total = group[figure]
        return {
            "count": total.count,
            "amounts": {currency: format(amount, "f") for currency, amount in sorted(total.amounts.items())},
            "drill_down": spelled(RECORDS, days, horizon, where | {"figure": figure.value}),
        }

    won, lost = group[Figure.WON], group[Figure.LOST]
    return SalesGroup(
        key=key,
        name=name,
        won=ClosedFigure(**shown(Figure.WON), average_days=rules.average_days(won)),
        lost=ClosedFigure(**shown(Figure.LOST), average_days=rules.average_days(lost)),
        win_rate=rules.win_rate(won.count, lost.count),
        created=SalesFigure(**shown(Figure.CREATED)),
        open=None if query.by.is_time else SalesFigure(**shown(Figure.OPEN)),
    )
