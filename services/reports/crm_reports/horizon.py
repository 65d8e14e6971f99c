"""As of when, and known by when: the two limits that make a figure the same for ever.

`as_of` keeps what had happened by the end of that day in the company's zone; `known_at` keeps what had been
archived by then. Both given, no later edit can reach the answer.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from crm_chassis import moments
from crm_chassis.problems import FieldError, Invalid, Unavailable
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.archive import repository as archive
from crm_reports.days import FIRST_DAY, LAST_DAY, day_end, day_of, day_start
from crm_reports.projections import repository as projections
from crm_reports.projections.repository import Generation

Day = Annotated[moments.Day, Field(ge=FIRST_DAY, le=LAST_DAY)]
Moment = Annotated[moments.Moment, Field(ge=datetime.combine(FIRST_DAY, time.min, UTC))]

_LOOK_EVERY_S = 0.05
_LOOKS = 100


class Asked(Protocol):
    """The part of a query that sets the horizon."""

    as_of: date | None
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class Horizon:
    """What an answer is made from: facts that happened before `before` and were archived by `known_at`.

    `generation` is that of projections nothing can join any more up to `known_at`; None while old rows are completed.
    """

    as_of: date
    known_at: datetime
    before: datetime
    generation: int | None = None


async def resolve(
    connection: AsyncConnection, asked: Asked, zone: ZoneInfo, now: datetime, *, complete: bool = False
) -> Horizon:
    """The horizon asked for, by default everything the projections hold by today; Invalid when in the future.

    When this returns, the projections hold all that was archived by `known_at` and nothing can join it. Figures that
    need what code of before did not project ask for it to be `complete`.
    """
    today = day_of(now, zone)
    errors = []
    if asked.known_at is not None and asked.known_at > now:
        errors.append(FieldError("known_at", "in_the_future", "Nobody knows yet what will be known then."))
    if asked.as_of is not None and asked.as_of > today:
        errors.append(FieldError("as_of", "in_the_future", "That day has not come yet."))
    if errors:
        raise Invalid(errors)
    live = await projections.live(connection)
    known_at = asked.known_at or live.archived_at or now
    live = await _settled(connection, live, known_at, complete=complete)
    as_of = asked.as_of or (day_of(asked.known_at, zone) if asked.known_at else today)
    return Horizon(as_of, known_at, day_end(as_of, zone), live.generation if live.is_complete else None)


def window(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the start of `first` to the end of `last`, in UTC; Invalid when they are the wrong way round."""
    if first > last:
        raise Invalid([FieldError("to", "before_from", "The last day comes before the first.")])
    return day_start(first, zone), day_end(last, zone)


async def _settled(connection: AsyncConnection, live: Generation, known_at: datetime, *, complete: bool) -> Generation:
    for _ in range(_LOOKS):
        if live.is_complete or not complete:
            if live.archived_at is not None and live.archived_at >= known_at:
                return live
            if live.position >= await archive.seal(connection, known_at):
                return live
        await asyncio.sleep(_LOOK_EVERY_S)
        live = await projections.live(connection)
    raise Unavailable("The figures are behind the archive.", retry_after_s=1)
