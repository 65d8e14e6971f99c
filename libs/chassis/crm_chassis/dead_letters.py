"""Messages given up: drained from <service>.dead into the dead_letter table, listed, shown, redriven by SQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import aio_pika
import orjson
import sqlalchemy as sa
from aio_pika.abc import AbstractIncomingMessage
from crm_contracts.envelope import CONTENT_TYPE
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_chassis.attempts import REASON_HEADER
from crm_chassis.clock import now
from crm_chassis.database import Database
from crm_chassis.tables import dead_letter

_LIST = (
    sa.select(
        dead_letter.c.id,
        dead_letter.c.queue,
        dead_letter.c.type,
        dead_letter.c.event_id,
        dead_letter.c.reason,
        dead_letter.c.died_at,
        dead_letter.c.redriven_at,
    )
    .order_by(dead_letter.c.died_at.desc(), dead_letter.c.id.desc())
    .limit(sa.bindparam("limit"))
)


def letter_of(message: AbstractIncomingMessage) -> dict[str, Any]:
    """The dead_letter row of a message from the dead queue."""
    queue = message.routing_key or ""
    reason = message.headers.get(REASON_HEADER)
    if not reason:
        reason = "delivered too often without an answer: its reader crashed or was cut off each time"
    return {
        "queue": queue,
        "type": message.type,
        "event_id": _uuid(message.message_id),
        "reason": str(reason),
        "content_type": message.content_type,
        "body": message.body,
    }


async def drain(database: Database, messages: Sequence[AbstractIncomingMessage]) -> None:
    """The messages are rows of dead_letter."""
    async with database.transaction() as tx:
        await tx.execute(sa.insert(dead_letter), [letter_of(message) for message in messages])


async def list_dead(connection: AsyncConnection, limit: int = 50) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The newest dead letters, without their bodies."""
    return (await connection.execute(_LIST, {"limit": limit})).all()


async def show_dead(connection: AsyncConnection, id: UUID) -> dict[str, Any] | None:
    """One dead letter with its body (as JSON where it is JSON); None when there is none."""
    row = (await connection.execute(sa.select(dead_letter).where(dead_letter.c.id == id))).mappings().first()
    if row is None:
        return None
    shown = dict(row)
    try:
        shown["body"] = orjson.loads(row["body"])
    except orjson.JSONDecodeError:
        shown["body"] = row["body"].decode("utf-8", "replace")
    return shown


async def redrive(database: Database, amqp_url: str, id: UUID | None = None) -> int:
    """The letter (or every one not yet redriven) is back in its queue, from the first step of the ladder.

    Published with a confirm before it is marked, so a kill between sends it twice rather than never: readers dedupe.
    Returns how many.
    """
    pending = sa.select(dead_letter).where(dead_letter.c.redriven_at.is_(None)).with_for_update(skip_locked=True)
    if id is not None:
        pending = pending.where(dead_letter.c.id == id)
    connection = await aio_pika.connect(amqp_url, client_properties={"connection_name": "crm-redrive"})
    async with connection, database.transaction() as tx:
        channel = await connection.channel(on_return_raises=True)
        rows = (await tx.execute(pending)).all()
        for row in rows:
            message = aio_pika.Message(
                row.body,
                content_type=row.content_type or CONTENT_TYPE,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                message_id=str(row.event_id) if row.event_id else None,
                type=row.type,
            )
            await channel.default_exchange.publish(message, routing_key=row.queue, mandatory=True)
        if rows:
            ids = [row.id for row in rows]
            await tx.execute(sa.update(dead_letter).where(dead_letter.c.id.in_(ids)).values(redriven_at=now()))
    return len(rows)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
