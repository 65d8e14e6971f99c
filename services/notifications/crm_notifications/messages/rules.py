"""The life of a message: which report changes what, when to try again, which address to write to.

Pure: states and times in, states and times out. Must never know a gateway, a table or a clock.

    queued → submitting → sent → delivered        submitting is committed BEFORE the send begins
      ↑          │  └────→ failed
      │          └───────→ uncertain → (a person decides) sent | failed | queued
      └── refused for now, after a pause
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal


class Status(StrEnum):
    """Where a message stands. `submitting` is told by no event: to other services it is queued still."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"


class Answer(StrEnum):
    """What one attempt to send came to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


Receipt = Literal["sent", "failed", "delivered"]
Decision = Literal["sent", "failed", "resend"]

# A total order, so that receipts commute: proof of delivery beats a report of failure, whichever came first.
_RANK: Final = {status: rank for rank, status in enumerate(Status)}


def after_receipt(status: Status, receipt: Receipt, *, latest_attempt: bool = True) -> Status:
    """The status after a delivery receipt: the higher of the two, so duplicates and reordering change nothing.

    A receipt for an earlier attempt (a person has resent since) counts only when it proves delivery.
    """
    reported = Status(receipt)
    if not latest_attempt and reported is not Status.DELIVERED:
        return status
    return max(status, reported, key=_RANK.__getitem__)


def after_answer(status: Status, answer: Answer, *, latest_attempt: bool, may_retry: bool) -> Status:
    """The status after an attempt's answer, which may come late: after the lease, a receipt or a person's decision.

    Known acceptance always counts, except against something newer that is under way. A late refusal of an uncertain
    message makes it failed; a late deferral leaves it to the person who is looking at it.
    """
    if answer is Answer.ACCEPTED:
        under_way = status is Status.SUBMITTING and not latest_attempt
        return status if under_way else max(status, Status.SENT, key=_RANK.__getitem__)
    if not latest_attempt:
        return status
    if answer is Answer.REFUSED and status in (Status.SUBMITTING, Status.UNCERTAIN):
        return Status.FAILED
    if status is not Status.SUBMITTING:
        return status
    if answer is Answer.DEFERRED:
        return Status.QUEUED if may_retry else Status.FAILED
    return Status.UNCERTAIN


def after_decision(decision: Decision) -> Status:
    """The status a person gives an uncertain message."""
    return Status.QUEUED if decision == "resend" else Status(decision)


def pause_before(attempt: int, pauses: Sequence[timedelta]) -> timedelta | None:
    """How long to wait after `attempt` (1 = the first) was refused for now; None: enough, give up."""
    return pauses[attempt - 1] if attempt <= len(pauses) else None


@dataclass(frozen=True, slots=True)
class KnownPhone:
    """A phone of the addresses copy."""

    e164: str | None
    kind: str


def sms_number(phones: Iterable[KnownPhone]) -> str | None:
    """The number to send an SMS to: the first valid mobile, else the first valid one, else None."""
    valid = [phone for phone in phones if phone.e164]
    mobile = next((phone.e164 for phone in valid if phone.kind == "mobile"), None)
    return mobile or (valid[0].e164 if valid else None)
