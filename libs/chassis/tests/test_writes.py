"""Writes at the end of a transaction: made with the event when there is one, made all the same when not."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sample
import sqlalchemy as sa
from crm_chassis import migrate
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, Transaction
from crm_chassis.ids import new_id
from crm_chassis.writes import Writes, inserting, prefixed
from pydantic import BaseModel

ADD = Writes(
    inserting(sample.thing, "thing", "id", "name", "owner_id", "version"),
    sa.update(sample.thing).where(sample.thing.c.id == sa.bindparam("other_id")).values(version=2),
)


class Told(BaseModel):
    """What an event may carry."""

    id: UUID


@pytest.fixture(scope="module")
async def database(make_database: Callable[[str], str]) -> AsyncIterator[Database]:
    url = make_database("writes").replace("postgresql://", "postgresql+asyncpg://")
    await migrate.upgrade(url, "sample", Path(__file__).parent / "sample_migrations")
    database = Database(url, "sample")
    yield database
    await database.close()


def thing(other: UUID | None = None) -> dict[str, Any]:
    return prefixed("thing", {"id": new_id(), "name": "t", "owner_id": None, "version": 1}) | {"other_id": other}


def tell(tx: Transaction, id: UUID) -> None:
    with telling(Story.of_system("sample")):
        tx.record("sample.thing.made.v1", subject="thing", id=id, sequence=1, data=Told(id=id))


async def standing(database: Database) -> dict[UUID, int]:
    async with database.read() as connection:
        rows = await connection.execute(sa.select(sample.thing.c.id, sample.thing.c.version))
        return {UUID(str(row.id)): row.version for row in rows}


async def events(database: Database) -> int:
    async with database.read() as connection:
        return int(await connection.scalar(sa.text("SELECT count(*) FROM outbox")) or 0)


@pytest.mark.parametrize("told", [0, 1, 2])
async def test_the_writes_are_made_however_many_events_tell_of_them(database: Database, told: int) -> None:
    first, second = thing(), thing()
    second["other_id"] = first["thing_id"]
    before = await events(database)
    async with database.transaction() as tx:
        tx.at_end(ADD, first)
    async with database.transaction() as tx:
        tx.at_end(ADD, second)
        for _ in range(told):
            tell(tx, second["thing_id"])
    stand = await standing(database)
    assert (stand[first["thing_id"]], stand[second["thing_id"]]) == (2, 1)
    assert await events(database) == before + told


async def test_writes_and_event_are_one_statement(database: Database) -> None:
    seen: list[str] = []
    engine = database.engine.sync_engine
    note: Any = lambda _, __, statement, *___: seen.append(statement)  # noqa: E731
    sa.event.listen(engine, "before_cursor_execute", note)
    async with database.transaction() as tx:
        tx.at_end(ADD, thing())
        tell(tx, new_id())
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 1


async def test_a_transaction_that_fails_leaves_neither_writes_nor_event(database: Database) -> None:
    lost, before = thing(), await events(database)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            tx.at_end(ADD, lost)
            tell(tx, lost["thing_id"])
            raise ZeroDivisionError
    assert lost["thing_id"] not in await standing(database)
    assert await events(database) == before
