"""Whether events are missing: each change of a subject bumps its sequence by one, so a hole is an event not kept."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from crm_chassis.clock import now
from crm_chassis.metrics import gauge
from crm_chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.archive.models import event_archive
from crm_reports.archive.rules import lowest_id_since

WINDOW: Final = timedelta(days=1)
GRACE: Final = timedelta(minutes=5)  # what is merely late, a sender away or a message on the ladder, is not missing yet
_EVERY_S: Final = 300.0

GAPS = gauge("reports_archive_gaps", "Events of the last day missing between archived ones of the same subject")

_sequence = event_archive.c.sequence
# Two services may tell of one subject (the call and the card it was tied to), each with a sequence of its own.
_TOLD = (
    sa.select(
        (sa.func.max(_sequence) - sa.func.min(_sequence) + 1 - sa.func.count(_sequence.distinct())).label("missing")
    )
    .where(event_archive.c.id >= sa.bindparam("first"), event_archive.c.archived_at < sa.bindparam("until"))
    .group_by(event_archive.c.subject, sa.func.split_part(event_archive.c.type, ".", 1))
    .subquery()
)
_MISSING = sa.select(sa.func.coalesce(sa.func.sum(_TOLD.c.missing), 0))


async def missing(connection: AsyncConnection, since: datetime, until: datetime) -> int:
    """How many events, made since then and archived before `until`, should stand between others and do not."""
    return int(await connection.scalar(_MISSING, {"first": lowest_id_since(since), "until": until}) or 0)


async def watch_gaps(runtime: Runtime[Any]) -> None:
    """The gauge tells the gaps of the last day until the service stops, those of the last minutes left out."""
    while True:
        until = now() - GRACE
        async with runtime.database.read() as connection:
            GAPS.set(await missing(connection, until - WINDOW, until))
        await asyncio.sleep(_EVERY_S)
