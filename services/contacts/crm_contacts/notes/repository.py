"""Statements on notes."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from crm_contracts.contacts import Subject
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_contacts import subjects
from crm_contacts.notes.models import note


@dataclass(frozen=True, slots=True)
class Note:
    """A note as stored."""

    id: UUID
    subject: Subject
    subject_id: UUID
    author_id: UUID
    text: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Held:
    """A locked note, whose its subject is, and whether the caller may change the subject."""

    note: Note
    owner_id: UUID | None
    may_change_subject: bool


ORDER = Keyset(("created_at", note.c.created_at, "desc"), ("id", note.c.id, "desc"))

_COLUMNS = tuple(note.c)
_OWNER = subjects.owner_of(note).label("subject_owner_id")
_IDS = ARRAY(sa.Uuid)
_OF = (note.c.subject == sa.bindparam("p_subject"), note.c.subject_id == sa.any_(sa.bindparam("ids", type_=_IDS)))
_INSERT = sa.insert(note)
_REWRITE = (
    sa.update(note)
    .where(note.c.id == sa.bindparam("p_id"))
    .values({name: sa.bindparam(name) for name in ("text", "updated_at", "version")})
)
_DROP = sa.delete(note).where(note.c.id == sa.bindparam("p_id"))
_DROP_OF = sa.delete(note).where(*_OF).returning(note.c.id, note.c.subject_id, note.c.version)
_NOTED = sa.select(note.c.subject_id).distinct().where(*_OF)
_MOVE = (
    sa.update(note)
    .where(note.c.subject == "person", note.c.subject_id == sa.bindparam("p_loser"))
    .values(subject_id=sa.bindparam("p_winner", type_=sa.Uuid))
)


async def page(
    connection: AsyncConnection,
    caller: Principal,
    subject: Subject,
    subject_id: UUID,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of the subject's notes, newest first; nothing when the caller may not read the subject."""
    id = sa.literal(subject_id, sa.Uuid)
    statement = sa.select(*_COLUMNS).where(
        note.c.subject == subject,
        note.c.subject_id == id,
        subjects.reaches(caller, "read", subject, id),
    )
    rows = (await connection.execute(ORDER.apply(statement, cursor, limit))).all()
    return ORDER.page(rows, limit)


async def one(connection: AsyncConnection, caller: Principal, note_id: UUID) -> Note | None:
    """The note if the caller may read its subject."""
    statement = sa.select(*_COLUMNS).where(note.c.id == note_id, subjects.on_reached(note, caller, "read"))
    row = (await connection.execute(statement)).first()
    return Note(**row._mapping) if row else None


async def lock_for(tx: Transaction, caller: Principal, note_id: UUID) -> Held | None:
    """The note if the caller may read its subject, nobody else changing it until this transaction ends."""
    may = subjects.on_reached(note, caller, "update").label("may")
    statement = sa.select(*_COLUMNS, _OWNER, may).where(note.c.id == note_id, subjects.on_reached(note, caller, "read"))
    row = (await tx.execute(statement.with_for_update(of=note))).first()
    if row is None:
        return None
    whole = Note(**{column.name: row._mapping[column.name] for column in _COLUMNS})
    return Held(whole, row.subject_owner_id, bool(row.may))


async def insert(tx: Transaction, new: Note) -> None:
    """The note is stored."""
    await tx.execute(_INSERT, asdict(new))


async def rewrite(tx: Transaction, changed: Note) -> None:
    """The stored note says what this one says."""
    values = {"text": changed.text, "updated_at": changed.updated_at, "version": changed.version}
    await tx.execute(_REWRITE, {"p_id": changed.id, **values})


async def drop(tx: Transaction, note_id: UUID) -> None:
    """The note is gone."""
    await tx.execute(_DROP, {"p_id": note_id})


async def drop_of(tx: Transaction, subject: Subject, ids: Collection[UUID]) -> Sequence[sa.Row[Any]]:
    """The notes on these subjects are gone; of each its id, its subject's and its last version."""
    return (await tx.execute(_DROP_OF, {"p_subject": subject, "ids": sorted(ids)})).all()


async def noted(tx: Transaction, subject: Subject, ids: Collection[UUID]) -> set[UUID]:
    """Those of the subjects that have notes."""
    return set((await tx.execute(_NOTED, {"p_subject": subject, "ids": sorted(ids)})).scalars())


async def move_person(tx: Transaction, loser_id: UUID, winner_id: UUID) -> None:
    """Notes on the loser are notes on the winner."""
    await tx.execute(_MOVE, {"p_loser": loser_id, "p_winner": winner_id})
