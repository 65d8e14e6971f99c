"""The funnel: what became of every entry into a stage.

An **entry** is one arrival of a deal in a stage. Each entry into a stage within the asked days has exactly one
outcome, judged by the deal's next entry (anywhere) up to `as_of`:

- `still_there`   there is no next entry;
- `lost`          the deal was lost next;
- `left_pipeline` the deal went on in another pipeline;
- `advanced`      it was won, or went to a stage further on;
- `moved_back`    it went to a stage before this one, came back to the same one, or was reopened.

So for every stage, in numbers and in each currency:

    entered = advanced + moved_back + left_pipeline + lost + still_there

A slip that was taken back is no entry, and neither is what took it back: the deal never left the stage before. What
was known before it was taken back stays as it was told.

`re_entered` is no outcome but counts how many of the entries were repeats: the same deal had entered the same
stage before. Order is that of the pipeline as known; won and lost are what the deal itself said, so renaming or
reordering stages later rewrites no win and no loss.

Must never know a table, a framework or the clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

DealOutcome = Literal["won", "lost"] | None


class Outcome(StrEnum):
    """What became of an entry."""

    ADVANCED = "advanced"
    MOVED_BACK = "moved_back"
    LEFT_PIPELINE = "left_pipeline"
    LOST = "lost"
    STILL_THERE = "still_there"


@dataclass(frozen=True, slots=True)
class Next:
    """The entry of the same deal that followed."""

    pipeline_id: UUID
    stage_id: UUID
    outcome: DealOutcome


@dataclass(frozen=True, slots=True)
class Move:
    """From one entry of a deal to the next (None: it is still there). `outcome` is the deal's on entering."""

    pipeline_id: UUID
    stage_id: UUID
    outcome: DealOutcome
    next: Next | None


@dataclass(frozen=True, slots=True)
class Moves:
    """How often the same move was made, and the worth of the deals that made it, in one currency."""

    move: Move
    repeat: bool
    currency: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as known; a `removed` one is no longer in its pipeline."""

    id: UUID
    name: str
    kind: str
    position: int
    removed: bool = False


@dataclass(slots=True)
class Figure:
    """A number of entries and their worth by currency."""

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)

    def add(self, moves: Moves) -> None:
        """These entries are counted too."""
        self.count += moves.count
        self.amounts[moves.currency] = self.amounts.get(moves.currency, Decimal(0)) + moves.amount


@dataclass(frozen=True, slots=True)
class StageFigures:
    """The figures of one stage."""

    stage: Stage
    entered: Figure
    re_entered: Figure
    outcomes: Mapping[Outcome, Figure]


def outcome_of(move: Move, positions: Mapping[UUID, int]) -> Outcome:
    """What became of the entry; a stage of unknown position counts as before all others."""
    after = move.next
    if after is None:
        return Outcome.STILL_THERE
    if after.outcome == "lost":
        return Outcome.LOST
    if after.pipeline_id != move.pipeline_id:
        return Outcome.LEFT_PIPELINE
    if after.outcome == "won":
        return Outcome.ADVANCED
    if move.outcome is not None:
        return Outcome.MOVED_BACK
    further = positions.get(after.stage_id, -1) > positions.get(move.stage_id, -1)
    return Outcome.ADVANCED if further else Outcome.MOVED_BACK


def stages_of(versions: Iterable[Sequence[Stage]]) -> list[Stage]:
    """Every stage the pipeline ever had in the versions (oldest first), as last known: present ones, then removed."""
    last: Sequence[Stage] = ()
    ever: dict[UUID, Stage] = {}
    for last in versions:
        ever.update((stage.id, stage) for stage in last)
    present = {stage.id for stage in last}
    removed = [
        Stage(stage.id, stage.name, stage.kind, stage.position, removed=True)
        for stage in ever.values()
        if stage.id not in present
    ]
    return [*sorted(last, key=_order), *sorted(removed, key=_order)]


def positions_of(stages: Iterable[Stage]) -> dict[UUID, int]:
    """Where each stage stands in its pipeline."""
    return {stage.id: stage.position for stage in stages}


def figures(moves: Iterable[Moves], stages: Sequence[Stage]) -> list[StageFigures]:
    """The figures of each stage in the order given; entries into stages not among them come last, nameless.

    A removed stage without entries is left out.
    """
    by_stage = {stage.id: _empty(stage) for stage in stages}
    positions = positions_of(stages)
    for made in moves:
        stage_id = made.move.stage_id
        if stage_id not in by_stage:
            by_stage[stage_id] = _empty(Stage(stage_id, "", "open", -1, removed=True))
        stage = by_stage[stage_id]
        stage.entered.add(made)
        stage.outcomes[outcome_of(made.move, positions)].add(made)
        if made.repeat:
            stage.re_entered.add(made)
    return [each for each in by_stage.values() if each.entered.count or not each.stage.removed]


def _empty(stage: Stage) -> StageFigures:
    return StageFigures(stage, Figure(), Figure(), {outcome: Figure() for outcome in Outcome})


def _order(stage: Stage) -> tuple[int, str]:
    return stage.position, str(stage.id)
