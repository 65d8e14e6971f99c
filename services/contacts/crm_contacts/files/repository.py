"""Statements on files."""

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
from crm_contacts.files.models import file


@dataclass(frozen=True, slots=True)
class File:
    """A file as stored, but for its content."""

    id: UUID
    subject: Subject
    subject_id: UUID
    author_id: UUID
    name: str
    size: int
    media_type: str
    sha256: bytes
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Held:
    """A locked file, whose its subject is, and whether the caller may change the subject."""

    file: File
    owner_id: UUID | None
    may_change_subject: bool


ORDER = Keyset(("created_at", file.c.created_at, "desc"), ("id", file.c.id, "desc"))

_COLUMNS = tuple(file.c)
_OWNER = subjects.owner_of(file).label("subject_owner_id")
_IDS = ARRAY(sa.Uuid)
_OF = (file.c.subject == sa.bindparam("p_subject"), file.c.subject_id == sa.any_(sa.bindparam("ids", type_=_IDS)))
_INSERT = sa.insert(file)
_RENAME = (
    sa.update(file)
    .where(file.c.id == sa.bindparam("p_id"))
    .values({name: sa.bindparam(name) for name in ("name", "updated_at", "version")})
)
_DROP = sa.delete(file).where(file.c.id == sa.bindparam("p_id"))
_DROP_OF = sa.delete(file).where(*_OF).returning(file.c.id, file.c.subject_id, file.c.version)
_HOLDERS = sa.select(file.c.subject_id).distinct().where(*_OF)
_MOVE = (
    sa.update(file)
    .where(file.c.subject == "person", file.c.subject_id == sa.bindparam("p_loser"))
    .values(subject_id=sa.bindparam("p_winner", type_=sa.Uuid))
)


async def page(
    connection: AsyncConnection,
    caller: Principal,
    subject: Subject,
    subject_id: UUID,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[File], str | None]:
    """One page of the subject's files, newest first; nothing when the caller may not read the subject."""
    id = sa.literal(subject_id, sa.Uuid)
    statement = sa.select(*_COLUMNS).where(
        file.c.subject == subject,
        file.c.subject_id == id,
        subjects.reaches(caller, "read", subject, id),
    )
    rows, cursor = ORDER.page((await connection.execute(ORDER.apply(statement, cursor, limit))).all(), limit)
    return [_whole(row) for row in rows], cursor


async def one(connection: AsyncConnection, caller: Principal, file_id: UUID) -> File | None:
    """The file if the caller may read its subject."""
    statement = sa.select(*_COLUMNS).where(file.c.id == file_id, subjects.on_reached(file, caller, "read"))
    row = (await connection.execute(statement)).first()
    return _whole(row) if row else None


async def lock_for(tx: Transaction, caller: Principal, file_id: UUID) -> Held | None:
    """The file if the caller may read its subject, nobody else changing it until this transaction ends."""
    may = subjects.on_reached(file, caller, "update").label("may")
    statement = sa.select(*_COLUMNS, _OWNER, may).where(file.c.id == file_id, subjects.on_reached(file, caller, "read"))
    row = (await tx.execute(statement.with_for_update(of=file))).first()
    return Held(_whole(row), row.subject_owner_id, bool(row.may)) if row else None


async def insert(tx: Transaction, new: File) -> None:
    """The file is stored."""
    await tx.execute(_INSERT, asdict(new))


async def rename(tx: Transaction, changed: File) -> None:
    """The stored file is called what this one is."""
    values = {"name": changed.name, "updated_at": changed.updated_at, "version": changed.version}
    await tx.execute(_RENAME, {"p_id": changed.id, **values})


async def drop(tx: Transaction, file_id: UUID) -> None:
    """The file is gone."""
    await tx.execute(_DROP, {"p_id": file_id})


async def drop_of(tx: Transaction, subject: Subject, ids: Collection[UUID]) -> Sequence[sa.Row[Any]]:
    """The files on these subjects are gone; of each its id, its subject's and its last version."""
    return (await tx.execute(_DROP_OF, {"p_subject": subject, "ids": sorted(ids)})).all()


async def holders(tx: Transaction, subject: Subject, ids: Collection[UUID]) -> set[UUID]:
    """Those of the subjects that have files."""
    return set((await tx.execute(_HOLDERS, {"p_subject": subject, "ids": sorted(ids)})).scalars())


async def move_person(tx: Transaction, loser_id: UUID, winner_id: UUID) -> None:
    """Files on the loser are files on the winner."""
    await tx.execute(_MOVE, {"p_loser": loser_id, "p_winner": winner_id})


def _whole(row: sa.Row[Any]) -> File:
    return File(**{column.name: row._mapping[column.name] for column in _COLUMNS})
