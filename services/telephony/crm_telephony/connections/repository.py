"""Statements on connections and lines."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis import tables
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.connections.models import pbx_connection, pbx_line

Row = sa.Row[*tuple[Any, ...]]

ORDER = Keyset(("created_at", pbx_connection.c.created_at, "asc"), ("id", pbx_connection.c.id, "asc"))
LIST = sa.select(pbx_connection)
_BY_ID = LIST.where(pbx_connection.c.id == sa.bindparam("p_id"))
_LOCKED = _BY_ID.with_for_update()
_BY_TOKEN = LIST.where(pbx_connection.c.token_sha256 == sa.bindparam("p_token"), pbx_connection.c.active)
_INSERT = sa.insert(pbx_connection)
_LINES = sa.select(pbx_line).where(pbx_line.c.connection_id.in_(sa.bindparam("ids", expanding=True)))
_DROP_LINES = sa.delete(pbx_line).where(pbx_line.c.connection_id == sa.bindparam("p_id"))
_INSERT_LINES = sa.insert(pbx_line)
_USERS = sa.select(tables.staff_member.c.id).where(
    tables.staff_member.c.id.in_(sa.bindparam("ids", expanding=True)), tables.staff_member.c.active
)
_TEAMS = sa.select(tables.staff_team.c.id).where(tables.staff_team.c.id.in_(sa.bindparam("ids", expanding=True)))


async def by_id(connection: AsyncConnection, id: UUID) -> Row | None:
    """The connection."""
    return (await connection.execute(_BY_ID, {"p_id": id})).first()


async def locked(tx: Transaction, id: UUID) -> Row | None:
    """The connection, its row locked until the end of the transaction."""
    return (await tx.execute(_LOCKED, {"p_id": id})).first()


async def by_token(connection: AsyncConnection, token_sha256: str) -> Row | None:
    """The active connection a path token leads to."""
    return (await connection.execute(_BY_TOKEN, {"p_token": token_sha256})).first()


async def insert(tx: Transaction, row: Mapping[str, Any]) -> None:
    """The connection exists."""
    await tx.execute(_INSERT, row)


async def update(tx: Transaction, id: UUID, values: Mapping[str, Any]) -> Row:
    """The connection as changed."""
    statement = sa.update(pbx_connection).where(pbx_connection.c.id == id).values(**values)
    return (await tx.execute(statement.returning(pbx_connection))).one()


async def lines_of(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """The lines of each connection in the order they were given."""
    found: dict[UUID, list[Row]] = {id: [] for id in ids}
    rows = await connection.execute(_LINES.order_by(pbx_line.c.position), {"ids": list(ids)})
    for row in rows:
        found[row.connection_id].append(row)
    return found


async def replace_lines(tx: Transaction, id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """The connection has exactly these lines."""
    await tx.execute(_DROP_LINES, {"p_id": id})
    if rows:
        await tx.execute(_INSERT_LINES, list(rows))


async def known_users(tx: Transaction, ids: set[UUID]) -> set[UUID]:
    """Which of the users are active colleagues, as far as the copy knows."""
    return set((await tx.execute(_USERS, {"ids": list(ids)})).scalars()) if ids else set()


async def known_teams(tx: Transaction, ids: set[UUID]) -> set[UUID]:
    """Which of the teams the copy knows."""
    return set((await tx.execute(_TEAMS, {"ids": list(ids)})).scalars()) if ids else set()
