"""What a pipeline looks like: the default one, and which changes of stages make sense.

Must never know a database, a clock or who is asking.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

StageKind = Literal["open", "won", "lost"]


@dataclass(frozen=True, slots=True)
class NewStage:
    """A stage to be made."""

    name: str
    kind: StageKind
    probability: int


DEFAULT_NAME = "Sales"
DEFAULT_STAGES: tuple[NewStage, ...] = (
    NewStage("New", "open", 10),
    NewStage("Contacted", "open", 25),
    NewStage("Measuring", "open", 50),
    NewStage("Offer", "open", 70),
    NewStage("Contract", "open", 90),
    NewStage("Won", "won", 100),
    NewStage("Lost", "lost", 0),
)
DEFAULT_LOSS_REASONS: tuple[str, ...] = (
    "Price",
    "Chose a competitor",
    "Not needed any more",
    "No answer",
    "Not our customer",
)
MEASURING = "Measuring"
"""The default stage whose entry is announced to the customer."""


class StagesRefusal(StrEnum):
    """Why a list of stages is refused; the value is the stable code of the API's error."""

    UNKNOWN = "unknown_stage"
    TWICE = "stage_twice"
    LEFT_OUT = "stage_left_out"
    CLOSED_BEFORE_OPEN = "closed_before_open"


def stages_refusal(wanted: Sequence[UUID | None], kinds: dict[UUID, StageKind]) -> StagesRefusal | None:
    """What is wrong with the wanted order; null ids are new open stages, `kinds` are the stages there are.

    Stages are never removed, as history and figures hang on them; won and lost stay at the end of the board.
    """
    known = [id for id in wanted if id is not None]
    if any(id not in kinds for id in known):
        return StagesRefusal.UNKNOWN
    if len(set(known)) < len(known):
        return StagesRefusal.TWICE
    if len(known) < len(kinds):
        return StagesRefusal.LEFT_OUT
    if _open_after_closed("open" if id is None else kinds[id] for id in wanted):
        return StagesRefusal.CLOSED_BEFORE_OPEN
    return None


def _open_after_closed(kinds: Iterable[StageKind]) -> bool:
    closed = False
    for kind in kinds:
        if kind == "open" and closed:
            return True
        closed = closed or kind != "open"
    return False
