"""Statements on notes. Who may see what a note is on may see the note: it has no rights of its own."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access import policy
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from crm_contracts.contacts import NoteSubject
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_contacts.companies.models import company
from crm_contacts.notes.models import note
from crm_contacts.people.models import person
from crm_contacts.people.repository import LIVING
from crm_contacts.timeline.models import timeline_deal


@dataclass(frozen=True, slots=True)
class Note:
    """A note as stored."""

    id: UUID
    subject: NoteSubject
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

# Of each noun notes are written on: its id, its owner, and which of its rows are there.
_SUBJECTS: dict[NoteSubject, tuple[sa.ColumnElement[UUID], sa.ColumnElement[Any], sa.ColumnElement[bool]]] = {
    "person": (person.c.id, person.c.owner_id, LIVING),
    "company": (company.c.id, company.c.owner_id, sa.true()),
    "deal": (timeline_deal.c.deal_id, timeline_deal.c.owner_id, sa.true()),
}
_COLUMNS = tuple(note.c)
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


def _reaches(
    caller: Principal, action: str, subject: NoteSubject, id: sa.ColumnElement[UUID]
) -> tuple[sa.ColumnElement[bool], ...]:
    key, owner, there = _SUBJECTS[subject]
    return key == id, there, policy.visible(caller, subject, action, owner)


def _of_note(caller: Principal, action: str) -> sa.ColumnElement[bool]:
    """Condition on notes: the caller may `action` what the note is on."""
    return sa.or_(
        *(
            sa.and_(
                note.c.subject == subject,
                sa.exists().where(*_reaches(caller, action, subject, note.c.subject_id)).correlate(note),
            )
            for subject in _SUBJECTS
        )
    )


def _owner() -> sa.ColumnElement[Any]:
    """Whose the subject of a note is now."""
    return sa.case(
        *(
            (note.c.subject == subject, sa.select(owner).where(key == note.c.subject_id, there).scalar_subquery())
            for subject, (key, owner, there) in _SUBJECTS.items()
        )
    )


_OWNER = _owner().label("subject_owner_id")


async def page(
    connection: AsyncConnection,
    caller: Principal,
    subject: NoteSubject,
    subject_id: UUID,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of the subject's notes, newest first; nothing when the caller may not read the subject."""
    id = sa.literal(subject_id, sa.Uuid)
    statement = sa.select(*_COLUMNS).where(
        note.c.subject == subject,
        note.c.subject_id == id,
        sa.exists().where(*_reaches(caller, "read", subject, id)),
    )
    rows = (await connection.execute(ORDER.apply(statement, cursor, limit))).all()
    return ORDER.page(rows, limit)


async def one(connection: AsyncConnection, caller: Principal, note_id: UUID) -> Note | None:
    """The note if the caller may read its subject."""
    statement = sa.select(*_COLUMNS).where(note.c.id == note_id, _of_note(caller, "read"))
    row = (await connection.execute(statement)).first()
    return Note(**row._mapping) if row else None


async def lock_for(tx: Transaction, caller: Principal, note_id: UUID) -> Held | None:
    """The note if the caller may read its subject, nobody else changing it until this transaction ends."""
    may = _of_note(caller, "update").label("may")
    statement = sa.select(*_COLUMNS, _OWNER, may).where(note.c.id == note_id, _of_note(caller, "read"))
    row = (await tx.execute(statement.with_for_update(of=note))).first()
    if row is None:
        return None
    whole = Note(**{column.name: row._mapping[column.name] for column in _COLUMNS})
    return Held(whole, row.subject_owner_id, bool(row.may))


async def owner_of(tx: Transaction, caller: Principal, subject: NoteSubject, id: UUID) -> tuple[bool, UUID | None]:
    """Whether the caller may read the subject, which then stays until this transaction ends, and whose it is."""
    owner = _SUBJECTS[subject][1]
    statement = sa.select(owner.label("owner_id")).where(*_reaches(caller, "read", subject, sa.literal(id, sa.Uuid)))
    row = (await tx.execute(statement.with_for_update(read=True, key_share=True))).first()
    return row is not None, row.owner_id if row else None


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


async def drop_of(tx: Transaction, subject: NoteSubject, ids: Collection[UUID]) -> Sequence[sa.Row[Any]]:
    """The notes on these subjects are gone; of each its id, its subject's and its last version."""
    return (await tx.execute(_DROP_OF, {"p_subject": subject, "ids": sorted(ids)})).all()


async def noted(tx: Transaction, subject: NoteSubject, ids: Collection[UUID]) -> set[UUID]:
    """Those of the subjects that have notes."""
    return set((await tx.execute(_NOTED, {"p_subject": subject, "ids": sorted(ids)})).scalars())


async def move_person(tx: Transaction, loser_id: UUID, winner_id: UUID) -> None:
    """Notes on the loser are notes on the winner."""
    await tx.execute(_MOVE, {"p_loser": loser_id, "p_winner": winner_id})
