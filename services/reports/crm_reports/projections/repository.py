"""Statements over generations and their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.projections.models import FACT_TABLES, deal_version, projection_generation, projection_reject
from crm_reports.projections.rules import Row

generations = projection_generation

LIVE_GENERATION = sa.select(generations.c.generation).where(generations.c.state == "live").scalar_subquery()
"""Named inside each statement, so a swap between two of them goes unnoticed."""

_CURRENT = sa.select(generations).where(generations.c.state != "retired").order_by(generations.c.generation)
_RETIRED = sa.select(generations.c.generation).where(generations.c.state == "retired")
_CLAIM = (
    sa.select(generations)
    .where(generations.c.generation == sa.bindparam("generation"), generations.c.state != "retired")
    .with_for_update(skip_locked=True)
)
_CLAIM_RETIRED = (
    sa.select(generations.c.generation)
    .where(generations.c.generation == sa.bindparam("generation"), generations.c.state == "retired")
    .with_for_update(skip_locked=True)
)
_LOCK_LIVE = sa.select(generations).where(generations.c.state == "live").with_for_update()
_MOVE = (
    sa.update(generations)
    .where(generations.c.generation == sa.bindparam("which"))
    .values(
        # Where other code was ahead, its position stands.
        position=sa.func.greatest(generations.c.position, sa.bindparam("reached", type_=sa.BigInteger)),
        archived_at=sa.func.greatest(
            generations.c.archived_at, sa.bindparam("reached_at", type_=sa.DateTime(timezone=True))
        ),
        completed=sa.bindparam("reached", type_=sa.BigInteger),
    )
)
_SET_STATE = (
    sa.update(generations)
    .where(generations.c.generation == sa.bindparam("which"))
    .values(state=sa.bindparam("new_state"))
)
_BEGIN = insert(generations).values(state="building").on_conflict_do_nothing().returning(generations.c.generation)
_BUILDING = sa.select(generations.c.generation).where(generations.c.state == "building")
_REJECTED = sa.select(sa.func.count()).where(projection_reject.c.generation == LIVE_GENERATION)
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_COLUMNS = {table.name: [(column.name, isinstance(column.type, JSONB)) for column in table.c] for table in FACT_TABLES}
_KEY = ", ".join(column.name for column in deal_version.primary_key)
_LACKED = f"({_KEY}) DO UPDATE SET company_id = excluded.company_id, lines = excluded.lines WHERE known.lines IS NULL"


def _insert(table: sa.Table) -> str:
    """All rows of a table as one array a column: each statement and each row costs, and there are many."""
    names = ", ".join(f'"{column.name}"' for column in table.c)
    arrays, told = [], []
    for number, column in enumerate(table.c, start=1):
        json = isinstance(column.type, JSONB)
        arrays.append(f"${number}::{'text' if json else column.type.compile(_DIALECT)}[]")
        told.append(f'"{column.name}"::jsonb' if json else f'"{column.name}"')
    # Code of before wrote no lines of a deal.
    kept = _LACKED if table is deal_version else "DO NOTHING"
    return (
        f"INSERT INTO {table.name} AS known ({names}) SELECT {', '.join(told)}"  # noqa: S608  # names of ours
        f" FROM unnest({', '.join(arrays)}) AS told ({names}) ON CONFLICT {kept}"
    )


_INSERTS = {table.name: _insert(table) for table in FACT_TABLES}


@dataclass(frozen=True, slots=True)
class Generation:
    """One set of projections and how far it has read the archive; `archived_at` is None before the first event."""

    generation: int
    state: str
    position: int
    completed: int
    archived_at: datetime | None

    @property
    def is_building(self) -> bool:
        """True while it catches up beside the live one."""
        return self.state == "building"

    @property
    def is_complete(self) -> bool:
        """True unless code of another version took in what is not taken in again yet."""
        return self.completed == self.position


def _generation(row: sa.Row[Any]) -> Generation:
    return Generation(row.generation, row.state, row.position, row.completed, row.archived_at)


async def current(connection: AsyncConnection) -> list[Generation]:
    """The live generation and, while there is one, the one being built; oldest first."""
    return [_generation(row) for row in (await connection.execute(_CURRENT)).all()]


async def live(connection: AsyncConnection) -> Generation:
    """The generation readers see."""
    return next(each for each in await current(connection) if not each.is_building)


async def claim(tx: Transaction, generation: int) -> Generation | None:
    """The generation, ours until the transaction ends; None when another process works on it or it is retired."""
    row = (await tx.execute(_CLAIM, {"generation": generation})).first()
    return _generation(row) if row else None


async def lock_live(tx: Transaction) -> Generation:
    """The live generation, standing still until the transaction ends."""
    return _generation((await tx.execute(_LOCK_LIVE)).one())


async def add(tx: Transaction, generation: int, rows: Sequence[Row]) -> None:
    """The rows belong to the generation; those it already had stay as they are, but for what they lacked."""
    by_table: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_table.setdefault(row.table, []).append({"generation": generation, **row.values})
    driver = (await tx.connection.get_raw_connection()).driver_connection
    assert driver is not None
    for table, values in by_table.items():
        await driver.execute(
            _INSERTS[table],
            *([_told(row.get(name), json=json) for row in values] for name, json in _COLUMNS[table]),
        )


def _told(value: Any, *, json: bool) -> Any:
    return orjson.dumps(value).decode() if json and value is not None else value


async def move(tx: Transaction, generation: int, position: int, archived_at: datetime) -> None:
    """The generation is complete up to the event at `position`, and its watermark is not before it."""
    await tx.execute(_MOVE, {"which": generation, "reached": position, "reached_at": archived_at})


async def begin(tx: Transaction) -> int:
    """A generation is being built from the first event on: a new one, or the one already under way."""
    await lock_live(tx)  # no swap until we are done, so the one under way stays under way
    begun: int | None = await tx.scalar(_BEGIN)
    if begun is not None:
        return begun
    under_way: int = await tx.scalar(_BUILDING)
    return under_way


async def swap(tx: Transaction, old: int, new: int) -> None:
    """Readers see `new` from the commit on; `old` is retired."""
    await tx.execute(_SET_STATE, {"which": old, "new_state": "retired"})
    await tx.execute(_SET_STATE, {"which": new, "new_state": "live"})


async def retired(connection: AsyncConnection) -> list[int]:
    """Generations nobody reads any more."""
    return list((await connection.scalars(_RETIRED)).all())


async def purge(tx: Transaction, generation: int, limit: int) -> int:
    """Up to `limit` rows of a retired generation are gone from each table, in the end itself; answers how many."""
    if (await tx.execute(_CLAIM_RETIRED, {"generation": generation})).first() is None:
        return 0
    gone = 0
    for table in FACT_TABLES:
        some = sa.select(table.c.event_id).where(table.c.generation == generation).limit(limit)
        doomed = sa.delete(table).where(table.c.generation == generation, table.c.event_id.in_(some))
        gone += (await tx.execute(doomed)).rowcount
    if not gone:
        await tx.execute(sa.delete(generations).where(generations.c.generation == generation))
    return gone


async def rejected(connection: AsyncConnection) -> int:
    """How many events the live generation could not read."""
    return (await connection.execute(_REJECTED)).scalar_one()
