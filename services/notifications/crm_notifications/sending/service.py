"""Use cases of sending: take the next message, record what an attempt came to.

At most one send without a person's word: `take` commits `submitting` and the lease before anything leaves the house,
so whatever dies afterwards leaves an uncertain message and never a second one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.metrics import counter
from crm_chassis.schedule import Due, schedule, unschedule

from crm_notifications.channels.outcome import Outcome
from crm_notifications.messages.changes import move
from crm_notifications.messages.rules import Receipt, Status, after_answer, after_receipt, pause_before
from crm_notifications.sending import repository

LEASE: Final = "message.lease"
RETRY: Final = "message.retry"

ATTEMPTS = counter("message_attempts", "Attempts to send, by what they came to", ["channel", "answer"])


@dataclass(frozen=True, slots=True)
class Taken:
    """A message on its way: the attempt and the row as it was taken. `row` None: it was too late to send it."""

    attempt_id: UUID
    row: sa.Row[Any] | None


async def take(tx: Transaction, lease: timedelta, at: datetime) -> Taken | None:
    """The next message is `submitting`, its lease runs; None when none waits.

    One past its `not_after` has failed instead.
    """
    waiting = await repository.next_waiting(tx)
    if waiting is None:
        return None
    attempt_id = new_id()
    if waiting.not_after is not None and at > waiting.not_after:
        await move(tx, waiting, Status.FAILED, at, error="too_late")
        return Taken(attempt_id, None)
    row = await repository.submitting(tx, waiting.id, attempt_id)
    await repository.begin_attempt(tx, {"id": attempt_id, "message_id": row.id, "started_at": at})
    await schedule(tx, LEASE, str(attempt_id), at + lease)
    return Taken(attempt_id, row)


async def record_answer(
    tx: Transaction, attempt_id: UUID, outcome: Outcome, pauses: tuple[timedelta, ...], at: datetime
) -> None:
    """The message is what the answer makes of it (rules.after_answer); safe to repeat, and right however late."""
    row = await repository.message_of(tx, attempt_id)
    assert row is not None  # attempts are never deleted
    await unschedule(tx, LEASE, str(attempt_id))
    await repository.end_attempt(
        tx,
        attempt_id,
        {
            "finished_at": at,
            "answer": outcome.answer.value,
            "detail": outcome.detail,
            "gateway_id": outcome.gateway_id,
        },
    )
    ATTEMPTS.labels(row.channel, outcome.answer.value).inc()
    pause = pause_before(row.attempts, pauses)
    status = Status(row.status)
    after = after_answer(
        status, outcome.answer, latest_attempt=row.attempt_id == attempt_id, may_retry=pause is not None
    )
    if after is status:
        return
    if after is Status.QUEUED and pause is not None:
        await repository.pause(tx, row.id)
        await schedule(tx, RETRY, str(row.id), at + pause)
        return
    await move(tx, row, after, at, error=outcome.reason, detail=outcome.detail)


async def record_receipt(
    tx: Transaction, attempt_id: UUID, receipt: Receipt, error: str | None, happened_at: datetime, at: datetime
) -> str | None:
    """The message's status after a delivery receipt for one of its attempts; None when there was no such attempt.

    `happened_at` is the gateway's clock: taken as it is between the queueing and now.
    """
    row = await repository.message_of(tx, attempt_id)
    if row is None:
        return None
    status = Status(row.status)
    after = after_receipt(status, receipt, latest_attempt=row.attempt_id == attempt_id)
    if after is not status:
        when = min(max(happened_at, row.queued_at), at)
        failed = after is Status.FAILED
        await move(tx, row, after, when, error="undelivered" if failed else None, detail=error if failed else None)
    return after.value


async def end_lease(tx: Transaction, due: Due) -> None:
    """An attempt nobody has answered for in time: its message is uncertain, for a person to decide."""
    outcome = Outcome.unknown("cut_off", "The sender was stopped before the answer came.")
    await record_answer(tx, UUID(due.key), outcome, (), now())


async def end_pause(tx: Transaction, due: Due) -> None:
    """The message may be tried again."""
    await repository.release(tx, UUID(due.key))
