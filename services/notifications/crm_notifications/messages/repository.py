"""Statements on messages."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.aliases import resolve
from crm_chassis.database import Transaction
from crm_chassis.filters import Filters, equals
from crm_chassis.paging import Keyset
from crm_chassis.tables import alias, staff_member
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_notifications.messages.models import message
from crm_notifications.messages.schemas import MessageQuery

ORDER = Keyset(("queued_at", message.c.queued_at, "desc"), ("id", message.c.id, "desc"))
FILTERS = Filters({"status": equals(message.c.status), "channel": equals(message.c.channel)})

SHOWN = tuple(column for column in message.c if column.name != "html")

_BY_ID = sa.select(message).where(message.c.id == sa.bindparam("id"))
_ADD = insert(message).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(*message.c)
_STAFF_NAME = sa.select(staff_member.c.name).where(staff_member.c.id == sa.bindparam("id"))
_LOSERS = sa.select(alias.c.loser).where(alias.c.noun == "person", alias.c.winner == sa.bindparam("winner"))


async def page(
    connection: AsyncConnection, query: MessageQuery, condition: sa.ColumnElement[bool]
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of messages, newest first. A person's messages include those written to cards merged into it."""
    statement = FILTERS.apply(sa.select(*SHOWN).where(condition), query)
    if query.person_id is not None:
        living = await resolve(connection, "person", query.person_id)
        merged = (await connection.execute(_LOSERS, {"winner": living})).scalars()
        statement = statement.where(message.c.person_id.in_([living, *merged]))
    statement = ORDER.apply(statement, query.cursor, query.limit)
    return ORDER.page((await connection.execute(statement)).all(), query.limit)


async def find(connection: AsyncConnection, id: UUID, condition: sa.ColumnElement[bool]) -> sa.Row[Any] | None:
    """The message, None when there is none or the condition hides it."""
    return (await connection.execute(_BY_ID.where(condition), {"id": id})).first()


async def lock(tx: Transaction, id: UUID) -> sa.Row[Any] | None:
    """The message, nobody else changes it until the transaction ends."""
    return (await tx.execute(_BY_ID.with_for_update(), {"id": id})).first()


async def add(tx: Transaction, row: Mapping[str, Any]) -> sa.Row[Any] | None:
    """The new message; None when its dedupe key was used before."""
    return (await tx.execute(_ADD, row)).first()


async def change(tx: Transaction, id: UUID, values: Mapping[str, Any]) -> sa.Row[Any]:
    """The message as it is now."""
    statement = sa.update(message).where(message.c.id == id).values(**values).returning(*message.c)
    return (await tx.execute(statement)).one()


async def colleague_name(tx: Transaction, id: UUID) -> str | None:
    """The name of a user, None when the staff copy does not know them."""
    name: str | None = await tx.scalar(_STAFF_NAME, {"id": id})
    return name
