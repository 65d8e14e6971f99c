"""Statements on the copy of people's phones."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.extensions.models import phone_map
from crm_telephony.phone_index.models import person_copy, phone_index

_person = insert(person_copy)
_PEOPLE = _person.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _person.excluded[name] for name in ("owner_id", "name", "version")},
    # Rows made before names were kept get theirs when contacts tells of all its people anew.
    where=sa.or_(
        person_copy.c.version < _person.excluded.version,
        sa.and_(person_copy.c.version == _person.excluded.version, person_copy.c.name.is_(None)),
    ),
).returning(person_copy.c.id)
_phone = insert(phone_index)
_PHONES = _phone.on_conflict_do_update(
    index_elements=["phone_id"],
    set_={"person_id": _phone.excluded.person_id, "e164": _phone.excluded.e164},
)
_DROP_PHONES = sa.delete(phone_index).where(phone_index.c.person_id.in_(sa.bindparam("ids", expanding=True)))
_FORGET = sa.delete(person_copy).where(person_copy.c.id.in_(sa.bindparam("ids", expanding=True)))
_OF_NUMBER = (
    sa.select(person_copy.c.id, person_copy.c.owner_id)
    .join(phone_index, phone_index.c.person_id == person_copy.c.id)
    .where(phone_index.c.e164 == sa.bindparam("p_e164"))
    .group_by(person_copy.c.id)
    .limit(2)
)
_OF_NUMBERS = (
    sa.select(
        phone_index.c.e164,
        sa.func.min(sa.cast(person_copy.c.id, sa.Text)).cast(sa.Uuid).label("id"),
        sa.func.min(sa.cast(person_copy.c.owner_id, sa.Text)).cast(sa.Uuid).label("owner_id"),
    )
    .join(person_copy, phone_index.c.person_id == person_copy.c.id)
    .where(phone_index.c.e164.in_(sa.bindparam("numbers", expanding=True)))
    .group_by(phone_index.c.e164)
    .having(sa.func.count(person_copy.c.id.distinct()) == 1)
)
_LOOK_UP = (
    sa.select(person_copy.c.id, person_copy.c.owner_id, sa.func.min(phone_map.c.extension).label("extension"))
    .join(phone_index, phone_index.c.person_id == person_copy.c.id)
    .outerjoin(
        phone_map,
        sa.and_(
            phone_map.c.user_id == person_copy.c.owner_id,
            phone_map.c.connection_id == sa.bindparam("p_connection"),
            phone_map.c.valid_to.is_(None),
        ),
    )
    .where(phone_index.c.e164 == sa.bindparam("p_e164"))
    .group_by(person_copy.c.id)
    .limit(2)
)
_PERSON = sa.select(person_copy).where(person_copy.c.id == sa.bindparam("p_id"))
_PHONE = sa.select(phone_index.c.e164).where(
    phone_index.c.phone_id == sa.bindparam("p_phone"), phone_index.c.person_id == sa.bindparam("p_person")
)


async def keep_people(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Which people were newer than the copy, and now stand in it."""
    return set((await tx.execute(_PEOPLE, list(rows))).scalars()) if rows else set()


async def replace_phones(tx: Transaction, people: set[UUID], rows: Sequence[Mapping[str, Any]]) -> None:
    """These people have exactly these phones."""
    if people:
        await tx.execute(_DROP_PHONES, {"ids": list(people)})
    if rows:
        await tx.execute(_PHONES, sorted(rows, key=lambda row: str(row["phone_id"])))


async def forget(tx: Transaction, people: Sequence[UUID]) -> None:
    """The copy knows nothing of these people."""
    if people:
        await tx.execute(_FORGET, {"ids": list(people)})


async def of_number(tx: Transaction, e164: str) -> sa.Row[*tuple[Any, ...]] | None:
    """The person with this number, when it is exactly one."""
    rows = (await tx.execute(_OF_NUMBER, {"p_e164": e164})).all()
    return rows[0] if len(rows) == 1 else None


async def of_numbers(tx: Transaction, numbers: Collection[str]) -> dict[str, sa.Row[*tuple[Any, ...]]]:
    """The people with these numbers, by number; of one that several have there is nobody."""
    if not numbers:
        return {}
    rows = await tx.execute(_OF_NUMBERS, {"numbers": sorted(numbers)})
    return {row.e164: row for row in rows}


async def look_up(connection: AsyncConnection, connection_id: UUID, e164: str) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Up to two people with this number, each with the owner's extension on that connection."""
    return (await connection.execute(_LOOK_UP, {"p_connection": connection_id, "p_e164": e164})).all()


async def person(tx: Transaction, id: UUID) -> sa.Row[*tuple[Any, ...]] | None:
    """The person as copied."""
    return (await tx.execute(_PERSON, {"p_id": id})).first()


async def phone(tx: Transaction, person_id: UUID, phone_id: UUID) -> sa.Row[*tuple[Any, ...]] | None:
    """That phone of that person; `e164` is null when it is no valid number."""
    return (await tx.execute(_PHONE, {"p_phone": phone_id, "p_person": person_id})).first()
