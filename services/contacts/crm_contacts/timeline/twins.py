"""Statements of a rebuild: the twins of the timeline's tables are made, compared and put in their place.

A twin is made after the table as it is in the database, not as the code describes it, so that after the swap every
index and constraint has the name that migrations know.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert

from crm_contacts.timeline.models import BUILDING_SCHEMA, timeline_rebuild
from crm_contacts.timeline.places import BUILDING, IN_USE

_TABLES = (IN_USE.items.name, IN_USE.deals.name)
_LOCK_WAIT = "5s"

_UNDER_WAY = sa.select(timeline_rebuild)
_REACHED = sa.update(timeline_rebuild).values(position=sa.bindparam("p_position"))
_BEGIN = insert(timeline_rebuild)
_BEGIN = _BEGIN.on_conflict_do_update(
    index_elements=["only"], set_={"run": _BEGIN.excluded.run, "position": 0, "began_at": sa.func.now()}
)
_CONSTRAINTS = sa.text(
    "SELECT quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint"
    " WHERE conrelid = to_regclass(:name) AND contype IN ('p', 'u')"
)
_INDEXES = sa.text(
    "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass(:name)"
    " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
)
_COLUMNS = sa.text(
    "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
    " WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped ORDER BY attname"
)
_BEHIND_ITEMS = (
    sa.select(sa.func.count())
    .select_from(IN_USE.items.outerjoin(BUILDING.items, IN_USE.items.c.id == BUILDING.items.c.id))
    .where(
        sa.or_(
            BUILDING.items.c.id.is_(None),
            BUILDING.items.c.sequence < IN_USE.items.c.sequence,
            BUILDING.items.c.happened_at > IN_USE.items.c.happened_at,
        )
    )
)
_BEHIND_DEALS = (
    sa.select(sa.func.count())
    .select_from(IN_USE.deals.outerjoin(BUILDING.deals, IN_USE.deals.c.deal_id == BUILDING.deals.c.deal_id))
    .where(sa.or_(BUILDING.deals.c.deal_id.is_(None), BUILDING.deals.c.sequence < IN_USE.deals.c.sequence))
)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """The rebuild under way and how far it has read the archive."""

    run: UUID
    position: int
    began_at: datetime


async def under_way(tx: Transaction) -> Rebuild | None:
    """The rebuild under way, if there is one."""
    row = (await tx.execute(_UNDER_WAY)).first()
    return Rebuild(row.run, row.position, row.began_at) if row else None


async def reached(tx: Transaction, position: int) -> None:
    """Everything the archive has up to `position` is taken in."""
    await tx.execute(_REACHED, {"p_position": position})


async def make(tx: Transaction, run: UUID) -> None:
    """Empty twins stand, and every writer knows; the merge gate is held alone."""
    for name in _TABLES:
        await tx.execute(sa.text(f"DROP TABLE IF EXISTS {_twin(name)}"))
        await tx.execute(sa.text(f"CREATE TABLE {_twin(name)} (LIKE {_used(name)} INCLUDING ALL EXCLUDING INDEXES)"))
        for row in (await tx.execute(_CONSTRAINTS, {"name": _used(name)})).all():
            await tx.execute(sa.text(f"ALTER TABLE {_twin(name)} ADD CONSTRAINT {row.name} {row.definition}"))
        for definition in (await tx.execute(_INDEXES, {"name": _used(name)})).scalars().all():
            await tx.execute(sa.text(definition.replace(f" ON {_used(name)} ", f" ON {_twin(name)} ", 1)))
    await tx.execute(_BEGIN, {"run": run})


async def behind(tx: Transaction) -> int:
    """How many rows in use are missing from the twins, newer there, or known there from later on only."""
    return int(await tx.scalar(_BEHIND_ITEMS)) + int(await tx.scalar(_BEHIND_DEALS))


async def analyse(tx: Transaction) -> None:
    """The planner knows the twins."""
    for name in _TABLES:
        await tx.execute(sa.text(f"ANALYZE {_twin(name)}"))


async def alike(tx: Transaction) -> bool:
    """True unless a migration has changed the tables since the twins were made."""
    for name in _TABLES:
        used = (await tx.execute(_COLUMNS, {"name": _used(name)})).all()
        if used != (await tx.execute(_COLUMNS, {"name": _twin(name)})).all():
            return False
    return True


async def swap(tx: Transaction) -> None:
    """The twins are the timeline from the commit on, and the tables before them are gone; the gate is held alone.

    Readers wait for the commit and no longer; where one of theirs takes too long, the swap is tried again later.
    """
    await tx.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
    for name in _TABLES:
        await tx.execute(sa.text(f"DROP TABLE {_used(name)}"))
        await tx.execute(sa.text(f"ALTER TABLE {_twin(name)} SET SCHEMA public"))
    await tx.execute(sa.delete(timeline_rebuild))


def _used(name: str) -> str:
    return f"public.{name}"


def _twin(name: str) -> str:
    return f"{BUILDING_SCHEMA}.{name}"
