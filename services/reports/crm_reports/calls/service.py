"""Use cases of the calls: the figures by day, and the calls behind one of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from crm_chassis.access.principal import Principal
from crm_chassis.paging import Page
from crm_chassis.problems import FieldError, Invalid
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.calls import repository, rules
from crm_reports.calls.schemas import (
    CallDay,
    CallFigure,
    CallRecord,
    CallRecordsQuery,
    CallsPerDay,
    CallsPerDayQuery,
    Counted,
)
from crm_reports.days import day_start, days_between
from crm_reports.horizon import Horizon, resolve, window
from crm_reports.links import link

RECORDS = "/api/v1/reports/calls-per-day/records"
MOST_DAYS = 366


async def calls_per_day(
    connection: AsyncConnection, caller: Principal, query: CallsPerDayQuery, zone: ZoneInfo, now: datetime
) -> CallsPerDay:
    """Figures of every day asked for, or of every day and user with calls; Invalid over MOST_DAYS days."""
    asked = _asked(query, zone)
    days = days_between(query.from_day, query.to_day)
    if len(days) > MOST_DAYS:
        raise Invalid([FieldError("to", "too_many_days", f"At most {MOST_DAYS} days at once.")])
    horizon = await resolve(connection, query, zone, now)
    starts = [day_start(day, zone) for day in days]
    found = await repository.per_day(connection, caller, asked, horizon, days, starts, by_user=query.by_user)
    shown = found if query.by_user else rules.every_day(days, found)
    return CallsPerDay(
        from_day=query.from_day,
        to_day=query.to_day,
        zone=zone.key,
        as_of=horizon.as_of,
        known_at=horizon.known_at,
        days=[_day(calls, query, horizon) for calls in shown],
    )


async def call_records(
    connection: AsyncConnection, caller: Principal, query: CallRecordsQuery, zone: ZoneInfo, now: datetime
) -> Page[CallRecord]:
    """A page of exactly the calls a figure counts, newest first."""
    asked = _asked(query, zone)
    horizon = await resolve(connection, query, zone, now)
    page, cursor = await repository.records(
        connection, caller, asked, horizon, figure=query.figure, cursor=query.cursor, limit=query.limit
    )
    items = [CallRecord.model_validate(row, from_attributes=True) for row in page]
    return Page(items=items, next_cursor=cursor)


def _asked(query: CallsPerDayQuery | CallRecordsQuery, zone: ZoneInfo) -> repository.Asked:
    start, end = window(query.from_day, query.to_day, zone)
    return repository.Asked(start, end, query.owner_id, query.team_id)


def _day(calls: rules.Calls, query: CallsPerDayQuery, horizon: Horizon) -> CallDay:
    only = {"from": calls.day, "to": calls.day, "owner_id": calls.user_id or query.owner_id}

    def shown(figure: Counted, count: int) -> CallFigure:
        where = only | {"figure": figure}
        return CallFigure(count=count, drill_down=link(RECORDS, where, query, horizon))

    average = rules.average_s(calls.wait_s, calls.waited)
    return CallDay(
        day=calls.day,
        user_id=calls.user_id,
        inbound=shown("in", calls.inbound),
        outbound=shown("out", calls.outbound),
        answered=shown("answered", calls.answered),
        missed=shown("missed", calls.missed),
        talk_s=calls.talk_s,
        average_wait_s=None if average is None else str(average),
    )
