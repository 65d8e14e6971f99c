"""Statements on the phone map."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.extensions.models import phone_map
from crm_telephony.extensions.rules import Mapping

HISTORY = 2000

_ALL = (
    sa.select(phone_map)
    .where(phone_map.c.connection_id == sa.bindparam("p_connection"))
    .order_by(phone_map.c.valid_to.desc().nulls_first(), phone_map.c.extension, phone_map.c.valid_from)
    .limit(2 * HISTORY)
)
_CURRENT = sa.select(phone_map).where(
    phone_map.c.connection_id == sa.bindparam("p_connection"), phone_map.c.valid_to.is_(None)
)
_OF = sa.select(phone_map).where(
    phone_map.c.connection_id == sa.bindparam("p_connection"),
    phone_map.c.extension.in_(sa.bindparam("extensions", expanding=True)),
)
_CLOSE = (
    sa.update(phone_map)
    .where(phone_map.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(valid_to=sa.bindparam("at"))
)
_OPEN = sa.insert(phone_map)


async def of_connection(connection: AsyncConnection, id: UUID) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The map with its history, newest stretches first."""
    return (await connection.execute(_ALL, {"p_connection": id})).all()


async def current(tx: Transaction, id: UUID) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """What holds today."""
    return (await tx.execute(_CURRENT, {"p_connection": id})).all()


async def mappings(tx: Transaction, id: UUID, extensions: Iterable[str]) -> list[Mapping]:
    """Every stretch of these extensions."""
    wanted = sorted(set(extensions))
    if not wanted:
        return []
    rows = await tx.execute(_OF, {"p_connection": id, "extensions": wanted})
    return [Mapping(row.extension, row.user_id, row.valid_from, row.valid_to) for row in rows]


async def close(tx: Transaction, ids: Sequence[UUID], at: datetime) -> None:
    """These stretches end now."""
    if ids:
        await tx.execute(_CLOSE, {"ids": list(ids), "at": at})


async def open_all(tx: Transaction, connection_id: UUID, pairs: Sequence[tuple[str, UUID]], at: datetime) -> None:
    """These stretches begin now."""
    if pairs:
        await tx.execute(
            _OPEN,
            [
                {
                    "id": new_id(),
                    "connection_id": connection_id,
                    "extension": extension,
                    "user_id": user_id,
                    "valid_from": at,
                    "valid_to": None,
                }
                for extension, user_id in pairs
            ],
        )
