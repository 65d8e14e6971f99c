"""Statements of the archive."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.archive.models import archive_head, event_archive, event_pii
from crm_reports.archive.rules import Kept

_WRITER_LOCK = 0x7265706F727473  # "reports"

_TAKE_WRITER_LOCK = sa.select(sa.func.pg_advisory_xact_lock(_WRITER_LOCK))
_LOCK_HEAD = sa.select(
    archive_head.c.position, archive_head.c.stamp, sa.func.clock_timestamp().label("clock")
).with_for_update()
_HEAD = sa.select(archive_head.c.position, archive_head.c.stamp, archive_head.c.conflicts)
_MOVE_HEAD = sa.update(archive_head).values(
    position=sa.bindparam("new_position"),
    stamp=sa.bindparam("new_stamp"),
    conflicts=archive_head.c.conflicts + sa.bindparam("new_conflicts"),
)
_SEAL = (
    sa.update(archive_head)
    .values(stamp=sa.bindparam("until", type_=sa.DateTime(timezone=True)))
    .where(archive_head.c.stamp < sa.bindparam("until", type_=sa.DateTime(timezone=True)))
)
EVENT = tuple(column.name for column in event_archive.columns)
PERSONAL = tuple(column.name for column in event_pii.columns)
_COMPARED = tuple(field.name for field in fields(Kept))
_WITH_PERSONAL = event_archive.outerjoin(
    event_pii,
    sa.and_(
        event_pii.c.subject_id == event_archive.c.subject_id,
        event_pii.c.event_id == event_archive.c.id,
    ),
)
_KEPT = (
    sa.select(
        event_archive.c.id,
        *(event_archive.c[name] for name in _COMPARED if name != "pii"),
        event_pii.c.pii,
    )
    .select_from(_WITH_PERSONAL)
    .where(event_archive.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(PG_UUID(as_uuid=True)))))
)
_ASKED = (
    sa.func.unnest(sa.bindparam("ids", type_=ARRAY(PG_UUID(as_uuid=True))))
    .table_valued("id", name="asked")
    .render_derived()
)
_MISSING = sa.select(_ASKED.c.id).where(
    ~sa.select(sa.literal(1)).where(event_archive.c.id == _ASKED.c.id).correlate(_ASKED).exists()
)
_AFTER = (
    sa.select(
        event_archive.c.id,
        event_archive.c.position,
        event_archive.c.type,
        event_archive.c.time,
        event_archive.c.recordedtime,
        event_archive.c.archived_at,
        event_archive.c.sequence,
        event_archive.c.data,
    )
    .where(event_archive.c.position > sa.bindparam("position"))
    .order_by(event_archive.c.position)
    .limit(sa.bindparam("limit"))
)
_WHOLE_AFTER = (
    sa.select(event_archive, event_pii.c.pii)
    .select_from(_WITH_PERSONAL)
    .where(
        event_archive.c.position > sa.bindparam("position"),
        event_archive.c.type == sa.any_(sa.bindparam("types", type_=ARRAY(sa.Text))),
    )
    .order_by(event_archive.c.position)
    .limit(sa.bindparam("limit"))
)
_ARCHIVED_AT = sa.select(event_archive.c.archived_at).where(event_archive.c.position == sa.bindparam("position"))


@dataclass(frozen=True, slots=True)
class Head:
    """Where the archive ends: its last position, and the stamp nothing will be archived at or before."""

    position: int
    stamp: datetime
    clock: datetime


async def lock_head(tx: Transaction) -> Head:
    """The head, held until the end of the transaction; whoever holds it is the archive's one writer."""
    await tx.execute(_TAKE_WRITER_LOCK)
    # The row too: `seal` moves the stamp from outside, and must not do so between our reading and our writing.
    row = (await tx.execute(_LOCK_HEAD)).one()
    return Head(row.position, row.stamp, row.clock)


async def move_head(tx: Transaction, position: int, stamp: datetime, conflicts: int) -> None:
    """The archive ends here now, and so many more ids have come with another body."""
    await tx.execute(_MOVE_HEAD, {"new_position": position, "new_stamp": stamp, "new_conflicts": conflicts})


async def seal(connection: AsyncConnection, until: datetime) -> int:
    """Nothing will ever be archived at or before `until`; answers the position of the last event that was.

    Waits for a write in flight, because that holds the head's row.
    """
    await connection.execute(_SEAL, {"until": until})
    position: int = (await connection.execute(_HEAD)).one().position
    return position


async def head_and_conflicts(connection: AsyncConnection) -> tuple[int, int]:
    """The last position, and how many ids came with a second body."""
    row = (await connection.execute(_HEAD)).one()
    return row.position, row.conflicts


async def archived_at(connection: AsyncConnection, position: int) -> datetime | None:
    """When the event at `position` was archived; None when there is none."""
    found: datetime | None = await connection.scalar(_ARCHIVED_AT, {"position": position})
    return found


async def kept(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """Those of the events that are archived already."""
    rows = await tx.execute(_KEPT, {"ids": list(ids)})
    return {row.id: Kept(*(getattr(row, name) for name in _COMPARED)) for row in rows}


async def missing(tx: Transaction, ids: Sequence[UUID]) -> list[UUID]:
    """Those of the events that are not archived."""
    return list((await tx.execute(_MISSING, {"ids": list(ids)})).scalars())


async def add(tx: Transaction, events: Sequence[Sequence[Any]], personal: Sequence[Sequence[Any]]) -> None:
    """The events are archived and their personal parts kept apart; rows in the order of EVENT and PERSONAL.

    Copied in by the driver itself, at a fraction of what inserting each would cost. JSON is text here.
    """
    driver = (await tx.connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.copy_records_to_table(event_archive.name, columns=EVENT, records=events)
    if personal:
        await driver.copy_records_to_table(event_pii.name, columns=PERSONAL, records=personal)


async def after(tx: Transaction, position: int, limit: int) -> Sequence[sa.Row[Any]]:
    """Up to `limit` events archived after `position`, in order of position."""
    return (await tx.execute(_AFTER, {"position": position, "limit": limit})).all()


async def whole_after(tx: Transaction, position: int, types: Sequence[str], limit: int) -> Sequence[sa.Row[Any]]:
    """As `after`, of these types only, every column and the personal part with it (None when there is none)."""
    return (await tx.execute(_WHOLE_AFTER, {"position": position, "types": list(types), "limit": limit})).all()
