"""Messages given up: drained from <service>.dead into the dead_letter table, listed, shown, redriven, discarded.

A letter waits until somebody decides about it. Redriving marks the letter; should its message die again, that is a
new letter.
"""

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
from crm_chassis.database import Database, Transaction
from crm_chassis.paging import Keyset
from crm_chassis.tables import dead_letter

REDRIVEN_AT_ONCE = 200

WAITING = sa.and_(dead_letter.c.redriven_at.is_(None), dead_letter.c.discarded_at.is_(None))
LIST = sa.select(
    dead_letter.c.id,
    dead_letter.c.queue,
    dead_letter.c.type,
    dead_letter.c.event_id,
    dead_letter.c.reason,
    dead_letter.c.died_at,
    dead_letter.c.redriven_at,
    dead_letter.c.discarded_at,
)
NEWEST_FIRST = Keyset(("died_at", dead_letter.c.died_at, "desc"), ("id", dead_letter.c.id, "desc"))
_COUNT_WAITING = sa.select(sa.func.count()).select_from(dead_letter).where(WAITING)
_SHOW = sa.select(dead_letter).where(dead_letter.c.id == sa.bindparam("letter_id"))
_CLAIM = (
    sa.select(dead_letter)
    .where(WAITING)
    .order_by(dead_letter.c.died_at, dead_letter.c.id)
    .limit(REDRIVEN_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_CLAIM_ONE = sa.select(dead_letter).where(WAITING, dead_letter.c.id == sa.bindparam("letter_id")).with_for_update()
_DISCARD = (
    sa.update(dead_letter)
    .where(WAITING, dead_letter.c.id == sa.bindparam("letter_id"))
    .values(discarded_at=sa.bindparam("at", type_=dead_letter.c.discarded_at.type))
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
    rows, _ = NEWEST_FIRST.page((await connection.execute(NEWEST_FIRST.apply(LIST, None, limit))).all(), limit)
    return rows


async def count_waiting(connection: AsyncConnection) -> int:
    """How many letters nobody has decided about."""
    return int(await connection.scalar(_COUNT_WAITING) or 0)


async def show_dead(connection: AsyncConnection, id: UUID) -> dict[str, Any] | None:
    """One dead letter with its body (as JSON where it is JSON); None when there is none."""
    row = (await connection.execute(_SHOW, {"letter_id": id})).mappings().first()
    if row is None:
        return None
    shown = dict(row)
    try:
        shown["body"] = orjson.loads(row["body"])
    except orjson.JSONDecodeError:
        shown["body"] = row["body"].decode("utf-8", "replace")
    return shown


async def redrive(database: Database, amqp_url: str, id: UUID | None = None) -> int:
    """The letter (or every one that waits) is back in its queue, from the first step of the ladder.

    Published with a confirm before it is marked, so a kill between sends it twice rather than never: readers dedupe.
    Returns how many. Raises DeliveryError for a queue that is no more, an error of the bus when it is away: those
    not sent still wait.
    """
    connection = await aio_pika.connect(amqp_url, client_properties={"connection_name": "crm-redrive"})
    async with connection:
        channel = await connection.channel(on_return_raises=True)
        total = 0
        while True:
            async with database.transaction() as tx:
                claim = tx.execute(_CLAIM) if id is None else tx.execute(_CLAIM_ONE, {"letter_id": id})
                rows = (await claim).all()
                await _send_again(tx, channel, rows)
            total += len(rows)
            if id is not None or len(rows) < REDRIVEN_AT_ONCE:
                return total


async def _send_again(
    tx: Transaction, channel: aio_pika.abc.AbstractChannel, rows: Sequence[sa.Row[*tuple[Any, ...]]]
) -> None:
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


async def discard(tx: Transaction, id: UUID) -> bool:
    """The letter waits no more and is kept as it was; False when it did not wait."""
    return (await tx.execute(_DISCARD, {"letter_id": id, "at": now()})).rowcount == 1


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
