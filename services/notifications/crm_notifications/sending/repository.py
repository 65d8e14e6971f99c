"""Statements of the sender."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction

from crm_notifications.messages.models import attempt, message

_NEXT = (
    sa.select(message)
    .where(sa.text("status = 'queued' AND NOT held"))  # in the words of the partial index, no parameter in between
    .order_by(message.c.queued_at, message.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_SUBMITTING = (
    sa.update(message)
    .where(message.c.id == sa.bindparam("p_id"))
    .values(status="submitting", attempt_id=sa.bindparam("p_attempt"), attempts=message.c.attempts + 1)
    .returning(*message.c)
)
_BEGIN = sa.insert(attempt)
_END = (
    sa.update(attempt)
    .where(attempt.c.id == sa.bindparam("p_id"))
    .values(
        finished_at=sa.bindparam("finished_at"),
        answer=sa.bindparam("answer"),
        detail=sa.bindparam("detail"),
        gateway_id=sa.func.coalesce(sa.bindparam("gateway_id", type_=sa.Text), attempt.c.gateway_id),
    )
)
_MESSAGE_OF = (
    sa.select(message)
    .join(attempt, attempt.c.message_id == message.c.id)
    .where(attempt.c.id == sa.bindparam("attempt_id"))
    .with_for_update(of=message)
)
_PAUSE = (
    sa.update(message).where(message.c.id == sa.bindparam("p_id")).values(status="queued", held=True, attempt_id=None)
)
_RELEASE = (
    sa.update(message).where(message.c.id == sa.bindparam("p_id"), message.c.status == "queued").values(held=False)
)


async def next_waiting(tx: Transaction) -> sa.Row[Any] | None:
    """The message waiting longest that no other sender has in hand, locked."""
    return (await tx.execute(_NEXT)).first()


async def submitting(tx: Transaction, id: UUID, attempt_id: UUID) -> sa.Row[Any]:
    """The message as it is now: on its way in this attempt."""
    return (await tx.execute(_SUBMITTING, {"p_id": id, "p_attempt": attempt_id})).one()


async def begin_attempt(tx: Transaction, row: Mapping[str, Any]) -> None:
    """The attempt is on record."""
    await tx.execute(_BEGIN, row)


async def end_attempt(tx: Transaction, id: UUID, values: Mapping[str, Any]) -> None:
    """The attempt's answer is on record."""
    await tx.execute(_END, {"p_id": id, **values})


async def message_of(tx: Transaction, attempt_id: UUID) -> sa.Row[Any] | None:
    """The message an attempt was for, locked; None when there was no such attempt."""
    return (await tx.execute(_MESSAGE_OF, {"attempt_id": attempt_id})).first()


async def pause(tx: Transaction, id: UUID) -> None:
    """The message is queued again, but no sender takes it before `release`."""
    await tx.execute(_PAUSE, {"p_id": id})


async def release(tx: Transaction, id: UUID) -> None:
    """A paused message may be taken; one that meanwhile is something else stays so."""
    await tx.execute(_RELEASE, {"p_id": id})
