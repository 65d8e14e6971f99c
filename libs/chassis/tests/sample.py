"""The sample service: things with a name and an owner, a copy of them, a log of facts, and an effect."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from crm_chassis import tables
from crm_chassis.access.policy import require, visible
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.decode import newest_per_subject
from crm_chassis.effects import Effect
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.ids import new_id
from crm_chassis.imports.kinds import Field, Finding, Judged, Row, Run, Undone, Written
from crm_chassis.paging import Keyset, ListQuery
from crm_chassis.problems import Conflict, NotFound, StaleVersion
from crm_chassis.schedule import Due
from crm_chassis.service import Wiring
from crm_chassis.settings import ServiceSettings
from crm_chassis.text import Line
from crm_contracts.envelope import Envelope
from crm_contracts.graph import USERS
from crm_contracts.graph import Reader as GraphReader
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.dialects.postgresql import insert

CHANGED = "sample.thing.changed.v1"
IMPORTED = "sample.import.finished.v1"

metadata = tables.new_metadata()
thing = sa.Table(
    "thing",
    metadata,
    tables.id_column(),
    sa.Column("name", sa.Text, nullable=False),
    tables.uuid("owner_id"),
    sa.Column("version", sa.BigInteger, nullable=False),
)
thing_copy = sa.Table(
    "thing_copy",
    metadata,
    tables.id_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)
fact = sa.Table("fact", metadata, tables.uuid("event_id", primary_key=True), sa.Column("name", sa.Text))
effect = sa.Table("effect", metadata, tables.uuid("event_id"), sa.Column("name", sa.Text))

router = APIRouter()


class Settings(ServiceSettings):
    """Nothing of its own."""

    service: ClassVar[str] = "sample"


class ThingState(BaseModel):
    """A thing on the wire."""

    id: UUID
    name: str
    changed: list[str] = []


class NewThing(BaseModel):
    """A thing to be."""

    model_config = ConfigDict(extra="forbid")
    name: Line


_KEYSET = Keyset(("name", thing.c.name, "asc"), ("id", thing.c.id, "asc"))


@router.post("/things", status_code=201)
async def create(body: NewThing, tx: Tx, caller: Caller, once: Once) -> Response:
    require(caller, "thing", "create")
    row = {"id": new_id(), "name": body.name, "owner_id": caller.id, "version": 1}
    await tx.execute(sa.insert(thing), row)
    tx.record(CHANGED, subject="thing", id=row["id"], sequence=1, data=ThingState(**row))  # type: ignore[arg-type]
    if body.name == "fails late":
        raise NotFound("after the write")
    return await once.reply(201, row, etag=1)


@router.patch("/things/{id}")
async def rename(id: UUID, body: NewThing, version: IfMatch, tx: Tx, caller: Caller) -> Response:
    may = visible(caller, "thing", "update", thing.c.owner_id)
    row = (await tx.execute(sa.select(thing).where(thing.c.id == id, may).with_for_update())).mappings().first()
    if row is None:
        raise NotFound()
    if row["version"] != version:
        raise StaleVersion(dict(row))
    changed = dict(row) | {"name": body.name, "version": version + 1}
    await tx.execute(sa.update(thing).where(thing.c.id == id).values(name=body.name, version=version + 1))
    tx.record(CHANGED, subject="thing", id=id, sequence=version + 1, data=ThingState(**changed))
    return JSON(changed, etag=version + 1)


@router.get("/things")
async def listed(query: Annotated[ListQuery, Query()], connection: Reader, caller: Caller) -> Response:
    statement = sa.select(thing).where(visible(caller, "thing", "read", thing.c.owner_id))
    rows = (await connection.execute(_KEYSET.apply(statement, query.cursor, query.limit))).all()
    items, cursor = _KEYSET.page(rows, query.limit)
    return JSON({"items": [dict(row._mapping) for row in items], "next_cursor": cursor})


async def copy_things(tx: Transaction, events: Sequence[Envelope]) -> None:
    upsert = insert(thing_copy)
    upsert = upsert.on_conflict_do_update(
        index_elements=["id"],
        set_={"name": upsert.excluded.name, "version": upsert.excluded.version},
        where=thing_copy.c.version < upsert.excluded.version,
    )
    rows = [
        {"id": event.subject_id, "name": event.data["name"], "version": event.sequence}
        for event in newest_per_subject(events)
    ]
    await tx.execute(upsert, rows)


async def keep_facts(tx: Transaction, events: Sequence[Envelope]) -> None:
    rows = [{"event_id": event.id, "name": _named(event)} for event in events]
    await tx.execute(insert(fact).on_conflict_do_nothing(), rows)


def _named(event: Envelope) -> str:
    return event.type if event.type == IMPORTED else str(event.data["name"])


failures_left = 0


async def act(tx: Transaction, event: Envelope) -> None:
    global failures_left
    if event.data["name"] == "flaky" and failures_left:
        failures_left -= 1
        raise ValueError("not this time")
    if event.data["name"] == "poisonous":
        raise ValueError("can not act")
    await tx.execute(sa.insert(effect), {"event_id": event.id, "name": event.data["name"]})
    tx.record("sample.thing.acted.v1", subject="thing", id=event.subject_id, sequence=1, data=ThingState(**event.data))


async def fire(tx: Transaction, due: Due) -> None:
    if due.payload.get("fails"):
        raise ValueError("fails")
    await tx.execute(sa.insert(effect), {"event_id": UUID(due.key), "name": "fired"})


PORTION = 2


async def stream_things(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    following = sa.select(thing).where(thing.c.id > after) if after else sa.select(thing)
    rows = (await tx.execute(following.order_by(thing.c.id).limit(PORTION))).all()
    for row in rows:
        state = ThingState(id=row.id, name=row.name)
        tx.redirect(to_queue, CHANGED, subject="thing", id=row.id, sequence=row.version, data=state)
    return rows[-1].id if rows else None


class ThingOptions(BaseModel):
    """What may be said of a whole file."""

    model_config = ConfigDict(extra="forbid")
    prefix: Line = "-"


class Things:
    """Things from a file: known by their name, taken over when the file says `mine`, `after` another one."""

    name = "things"
    fields = (
        Field("name", "Name", required=True, synonyms=("Naziv",)),
        Field("mine", "Mine", kind="boolean"),
        Field("after", "After", kind="reference"),
    )
    options = ThingOptions
    failures: ClassVar[list[Exception]] = []

    def require(self, caller: Principal) -> None:
        require(caller, "thing", "create")

    async def judge(self, run: Run, rows: Sequence[Row]) -> list[Judged]:
        names = {name for row in rows for name in (row.values.get("name"), row.values.get("after")) if name}
        found = await run.tx.execute(sa.select(thing).where(thing.c.name.in_(names)))
        there = {row.name: row for row in found}
        return [self._judged(run, row, there) for row in rows]

    def _judged(self, run: Run, row: Row, there: dict[str, sa.Row[Any]]) -> Judged:
        name = row.values.get("name")
        if name is None:
            return Judged(row, "error", (Finding("error", "required", "It has no name.", "name"),))
        findings: tuple[Finding, ...] = ()
        if (after := row.values.get("after")) and after not in there:
            if not row.last_try:
                return Judged(row, "waiting")
            findings = (Finding("doubt", "unknown_thing", f"There is no thing {after}.", "after"),)
        known = there.get(name)
        if known is None:
            return Judged(row, "create", findings, (name,))
        wanted = run.caller.id if row.values.get("mine") else known.owner_id
        return Judged(row, "same" if wanted == known.owner_id else "update", findings, (name,), known)

    async def write(self, run: Run, rows: Sequence[Judged]) -> list[Written]:
        if self.failures:
            raise self.failures.pop()
        return [await self._written(run, each) for each in rows]

    async def _written(self, run: Run, judged: Judged) -> Written:
        owner = run.caller.id if judged.row.values.get("mine") else None
        state = {"name": judged.row.values["name"], "owner_id": owner}
        if state["name"] == "too much":
            raise Conflict("This is too much.", code="too_much")
        if judged.plan is None:
            row: dict[str, Any] = {"id": new_id(), "version": 1} | state
            await run.tx.execute(sa.insert(thing), row)
            self._tell(run, row)
            return Written(judged.row.number, row["id"], 1)
        row = {"id": judged.plan.id, "version": judged.plan.version + 1} | state
        await self._store(run, row)
        before = {"owner_id": str(judged.plan.owner_id) if judged.plan.owner_id else None}
        return Written(judged.row.number, row["id"], row["version"], before)

    async def undo(self, run: Run, rows: Sequence[Written]) -> list[Undone]:
        return [await self._undone(run, each) for each in rows]

    async def _undone(self, run: Run, written: Written) -> Undone:
        row = (await run.tx.execute(sa.select(thing).where(thing.c.id == written.subject_id))).mappings().one()
        if row["version"] != written.after_version:
            return Undone(written.number, Finding("doubt", "changed_since", "Somebody has changed it since."))
        if written.before is None:
            await run.tx.execute(sa.delete(thing).where(thing.c.id == written.subject_id))
        else:
            owner = written.before["owner_id"]
            await self._store(run, {**row, "owner_id": owner and UUID(owner), "version": row["version"] + 1})
        return Undone(written.number)

    async def _store(self, run: Run, row: dict[str, Any]) -> None:
        changes = {name: row[name] for name in ("owner_id", "version")}
        await run.tx.execute(sa.update(thing).where(thing.c.id == row["id"]).values(changes))
        self._tell(run, row)

    def _tell(self, run: Run, row: dict[str, Any]) -> None:
        state = ThingState(id=row["id"], name=row["name"])
        run.tx.record(CHANGED, subject="thing", id=row["id"], sequence=row["version"], data=state)


READERS = (
    GraphReader("sample.users", "copy", USERS),
    GraphReader("sample.things", "copy", (CHANGED,)),
    GraphReader("sample.facts", "fact", (CHANGED, "sample.thing.acted.v1", IMPORTED)),
    GraphReader("sample.effects", "effect", (CHANGED,)),
    GraphReader("sample.resync", "command"),
)


def wiring(_: Settings) -> Wiring:
    """The sample service."""
    return Wiring(
        name="sample",
        migrations=Path(__file__).parent / "sample_migrations",
        readers=READERS,
        routers=[router],
        batches={"sample.things": copy_things, "sample.facts": keep_facts},
        effects={"sample.effects": Effect(act, late_after=timedelta(hours=1))},
        resync={"thing": stream_things},
        due={"fire": fire},
        imports=[Things()],
    )
