"""Statements over the newest known state of each call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.calls.rules import Calls
from crm_reports.calls.schemas import Counted
from crm_reports.horizon import Horizon
from crm_reports.projections.models import call_version
from crm_reports.projections.repository import LIVE_GENERATION
from crm_reports.projections.teams import team_then

_COUNTED = ("in", "out")  # internal calls are nobody's customers


@dataclass(frozen=True, slots=True)
class Asked:
    """Which calls: started within [start, end), credited to this user and team if given."""

    start: datetime
    end: datetime
    owner_id: UUID | None
    team_id: UUID | None


async def per_day(
    connection: AsyncConnection,
    caller: Principal,
    asked: Asked,
    horizon: Horizon,
    days: Sequence[date],
    starts: Sequence[datetime],
    *,
    by_user: bool,
) -> list[Calls]:
    """Figures of the days with calls, in order; `starts` are the instants at which the `days` begin."""
    call = _calls(caller, asked, horizon)
    bounds = sa.literal(list(starts), ARRAY(sa.DateTime(timezone=True)))
    # Days are told apart by the bounds we computed: one zone database, and nights of 23 or 25 hours are right.
    nth = sa.func.width_bucket(call.c.started_at, bounds).label("nth")
    keys = [nth, call.c.user_id] if by_user else [nth]

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(condition)

    statement = (
        sa.select(
            *keys,
            number(call.c.direction == "in").label("inbound"),
            number(call.c.direction == "out").label("outbound"),
            number(call.c.answered).label("answered"),
            number(call.c.missed).label("missed"),
            sa.func.sum(call.c.talk_s).label("talk_s"),
            sa.func.count(call.c.wait_s).label("waited"),
            sa.func.coalesce(sa.func.sum(call.c.wait_s), 0).label("wait_s"),
        )
        .group_by(*keys)
        .order_by(*keys)
    )
    rows = (await connection.execute(statement)).all()
    return [
        Calls(
            day=days[row.nth - 1],
            user_id=row.user_id if by_user else None,
            inbound=row.inbound,
            outbound=row.outbound,
            answered=row.answered,
            missed=row.missed,
            talk_s=row.talk_s,
            waited=row.waited,
            wait_s=row.wait_s,
        )
        for row in rows
    ]


async def records(
    connection: AsyncConnection,
    caller: Principal,
    asked: Asked,
    horizon: Horizon,
    *,
    figure: Counted,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """A page of the calls a figure counts, newest first."""
    call = _calls(caller, asked, horizon)
    counted = {
        "all": sa.true(),
        "in": call.c.direction == "in",
        "out": call.c.direction == "out",
        "answered": call.c.answered,
        "missed": call.c.missed,
    }
    keyset = Keyset(("started_at", call.c.started_at, "desc"), ("call_id", call.c.call_id, "desc"))
    statement = keyset.apply(sa.select(call).where(counted[figure]), cursor, limit)
    return keyset.page((await connection.execute(statement)).all(), limit)


def _calls(caller: Principal, asked: Asked, horizon: Horizon) -> sa.CTE:
    """The calls asked for that the caller may see, each once, in the newest state known by then."""
    known_at = sa.literal(horizon.known_at, sa.DateTime(timezone=True))
    before = sa.literal(horizon.before, sa.DateTime(timezone=True))

    def known(version: Any) -> sa.ColumnElement[bool]:
        return sa.and_(
            version.c.generation == LIVE_GENERATION,
            version.c.archived_at <= known_at,
            version.c.happened_at < before,
        )

    newer = call_version.alias("newer")
    is_newer = sa.tuple_(newer.c.sequence, newer.c.event_id) > sa.tuple_(
        call_version.c.sequence, call_version.c.event_id
    )
    superseded = sa.exists().where(newer.c.call_id == call_version.c.call_id, is_newer, known(newer))
    team_id = team_then(call_version.c.user_id, call_version.c.started_at, known_at)
    statement = sa.select(call_version, team_id.label("team_id")).where(
        known(call_version),
        call_version.c.started_at >= asked.start,
        call_version.c.started_at < asked.end,
        call_version.c.direction.in_(_COUNTED),
        ~superseded,
        visible(caller, "report", "read", call_version.c.user_id),
    )
    if asked.owner_id is not None:
        statement = statement.where(call_version.c.user_id == asked.owner_id)
    if asked.team_id is not None:
        statement = statement.where(team_id == asked.team_id)
    return statement.cte("call")
