"""Telling again: what was sent, or archived, goes to one queue once more under its own id and time.

No news: it travels on the bulk lane, and what comes from the archive says so (`replay`), so that no effect follows.
"""

from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from crm_contracts.envelope import Envelope
from sqlalchemy.dialects.postgresql import insert

from crm_chassis import tables
from crm_chassis.database import Transaction

_INSERT = sa.insert(tables.outbox).inline()
_ONCE = insert(tables.inbox).on_conflict_do_nothing().returning(tables.inbox.c.event_id)


async def replay(tx: Transaction, queue: str, events: Sequence[Envelope]) -> None:
    """The events go to `queue` in this order, marked as replayed, after this transaction commits."""
    if events:
        await tx.execute(_INSERT, [_row(queue, event) for event in events])
        tx.recorded = True


async def first_time(tx: Transaction, order: Envelope) -> bool:
    """False when this order was carried out before: it streams much, and the bus may deliver it twice."""
    return await tx.scalar(_ONCE, {"reader": order.type, "event_id": order.id}) is not None


def _row(queue: str, event: Envelope) -> dict[str, Any]:
    body = event.model_dump(mode="json", exclude={"recordedtime"}) | {"replay": True}
    return {
        "event_id": event.id,
        "type": event.type,
        "queue": queue,
        "bulk": True,
        "body": orjson.dumps(body),
        "recorded_at": event.recordedtime,
    }
