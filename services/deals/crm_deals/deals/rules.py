"""Stage gates: which moves of a deal are allowed.

Owns what a move needs and does. Must never know a database, a clock or who is asking: rights come as answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

StageKind = Literal["open", "won", "lost"]

UNDO_WITHIN = timedelta(minutes=10)
"""How long a move counts as a slip that its mover may take back without further rights."""


@dataclass(frozen=True, slots=True)
class Move:
    """A wish to bring a deal to another stage of its pipeline; `from_*` is where it is now."""

    from_stage: object
    from_kind: StageKind
    entered_at: datetime
    to_stage: object
    to_kind: StageKind
    loss_reason: str | None
    loss_reasons: Sequence[str]
    happened_at: datetime
    now: datetime
    may_reopen: bool


class Refusal(StrEnum):
    """Why a move is not allowed; the value is the stable code of the API's error."""

    SAME_STAGE = "same_stage"
    REOPENING = "reopen_not_allowed"
    REASON_NEEDED = "loss_reason_needed"
    REASON_UNKNOWN = "loss_reason_unknown"
    REASON_OUT_OF_PLACE = "loss_reason_only_when_lost"
    IN_THE_FUTURE = "in_the_future"
    BEFORE_THE_PRESENT_STAGE = "before_the_present_stage"


def refusal(move: Move) -> Refusal | None:
    """The first thing that speaks against the move, or None when it is allowed.

    A deal enters its first stage when it is created, so "before the present stage" covers "before its creation".
    """
    if move.to_stage == move.from_stage:
        return Refusal.SAME_STAGE
    if move.from_kind != "open" and not move.may_reopen:
        return Refusal.REOPENING
    if move.to_kind == "lost" and not move.loss_reason:
        return Refusal.REASON_NEEDED
    if move.to_kind == "lost" and move.loss_reason not in move.loss_reasons:
        return Refusal.REASON_UNKNOWN
    if move.to_kind != "lost" and move.loss_reason:
        return Refusal.REASON_OUT_OF_PLACE
    if move.happened_at > move.now:
        return Refusal.IN_THE_FUTURE
    if move.happened_at < move.entered_at:
        return Refusal.BEFORE_THE_PRESENT_STAGE
    return None


@dataclass(frozen=True, slots=True)
class Slip:
    """A deal's last move, to be taken back by `by`; `from_kind` is null for the entry the deal began with."""

    from_kind: StageKind | None
    corrects: object | None
    actor: str
    by: str
    recorded_at: datetime
    now: datetime


class Kept(StrEnum):
    """Why a move is not taken back; the value is the stable code of the API's error."""

    NOTHING = "nothing_to_undo"
    ANOTHERS = "another_moved_it"
    TOO_LATE = "too_late_to_undo"


def kept(slip: Slip) -> Kept | None:
    """The first thing that speaks against taking the move back, or None.

    A deal that was opened again is closed by a move: an undo would say it was closed today.
    """
    if slip.from_kind != "open" or slip.corrects is not None:
        return Kept.NOTHING
    if slip.actor != slip.by:
        return Kept.ANOTHERS
    return Kept.TOO_LATE if slip.now > slip.recorded_at + UNDO_WITHIN else None


def closed_at(kind: StageKind, happened_at: datetime) -> datetime | None:
    """When a deal that enters a stage of this kind is closed: then, or not at all."""
    return None if kind == "open" else happened_at
