"""The one place where a message changes its status: the row, its version and the event go together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from crm_chassis.context import current, telling
from crm_chassis.database import Transaction
from crm_chassis.metrics import counter
from crm_contracts import notifications as contract

from crm_notifications.messages import repository
from crm_notifications.messages.rules import Status

MESSAGES = counter("messages", "Messages that reached a status", ["channel", "status"])

for _channel in ("email", "sms"):
    for _status in Status:
        MESSAGES.labels(_channel, _status.value)

_EVENT: Final = {
    Status.QUEUED: contract.MESSAGE_QUEUED,
    Status.SENT: contract.MESSAGE_SENT,
    Status.DELIVERED: contract.MESSAGE_DELIVERED,
    Status.FAILED: contract.MESSAGE_FAILED,
    Status.UNCERTAIN: contract.MESSAGE_BECAME_UNCERTAIN,
}


def tell(tx: Transaction, row: sa.Row[Any], changed: Sequence[str], happened_at: datetime | None = None) -> None:
    """The event of the message's present status is recorded, in the story the message belongs to."""
    state = contract.MessageState(
        id=row.id,
        channel=row.channel,
        status=row.status,
        template_key=row.template_key,
        person_id=row.person_id,
        deal_id=row.deal_id,
        owner_id=row.owner_id,
        error=row.error,
        parts=row.parts,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        correlation_id=row.correlation_id,
        version=row.version,
        changed=sorted(changed),
        pii=contract.MessagePii(to=row.to_address, subject=row.subject, text=row.text),
    )
    with telling(replace(current(), correlation_id=row.correlation_id)):
        tx.record(
            _EVENT[Status(row.status)],
            subject="message",
            id=row.id,
            sequence=row.version,
            data=state,
            happened_at=happened_at,
        )
    MESSAGES.labels(row.channel, row.status).inc()


async def move(
    tx: Transaction,
    row: sa.Row[Any],
    status: Status,
    at: datetime,
    *,
    error: str | None = None,
    detail: str | None = None,
) -> sa.Row[Any]:
    """The locked message has the new status, one version on, and the event says so. `at` is when it happened."""
    values: dict[str, Any] = {"status": status.value, "error": error, "error_detail": detail}
    match status:
        case Status.SENT:
            values["sent_at"] = at
        case Status.DELIVERED:
            values |= {"delivered_at": at, "sent_at": row.sent_at or at}
        case Status.QUEUED:
            # The attempt before is over: what is still heard of it is news of the past (rules.after_receipt).
            values |= {"attempt_id": None, "attempts": 0, "held": False}
    changed = [name for name, value in values.items() if name in _PUBLIC and getattr(row, name) != value]
    moved = await repository.change(tx, row.id, values | {"version": row.version + 1})
    tell(tx, moved, changed, at)
    return moved


_PUBLIC: Final = frozenset({"status", "error", "sent_at", "delivered_at"})
