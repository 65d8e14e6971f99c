"""Statements on the addresses copy."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.aliases import resolve
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert

from crm_notifications.addresses.models import person_address

_insert = insert(person_address)
_NEWEST_WINS = _insert.on_conflict_do_update(
    index_elements=[person_address.c.person_id],
    set_={column.name: _insert.excluded[column.name] for column in person_address.c if not column.primary_key},
    where=person_address.c.version < _insert.excluded.version,
)
_FORGET = sa.delete(person_address).where(person_address.c.person_id.in_(sa.bindparam("ids", expanding=True)))
_BY_ID = sa.select(person_address).where(person_address.c.person_id == sa.bindparam("id"))


async def keep_newest(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Each person stands as in the row given, unless what is kept is as new."""
    await tx.execute(_NEWEST_WINS, rows)


async def forget(tx: Transaction, people: Sequence[UUID]) -> None:
    """The copy holds no address under these ids: they were merged into others or removed."""
    if people:
        await tx.execute(_FORGET, {"ids": list(people)})


async def find(tx: Transaction, person_id: UUID) -> sa.Row[Any] | None:
    """The addresses of the person, of the one it was merged into if so; None when never heard of."""
    living = await resolve(tx.connection, "person", person_id)
    return (await tx.execute(_BY_ID, {"id": living})).first()
