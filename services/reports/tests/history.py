"""Stage-entry facts in memory and a second, slow way to line them up: what the statements are checked against."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from crm_reports.funnel.rules import DealOutcome, Move, Moves, Next
from hypothesis import strategies as st

PIPELINE, OTHER_PIPELINE = UUID(int=1), UUID(int=2)
STAGES = [UUID(int=100 + n) for n in range(5)]
WON, LOST = UUID(int=198), UUID(int=199)
ELSEWHERE = UUID(int=200)


@dataclass(frozen=True)
class Fact:
    """One entry of a deal into a stage, `minute` minutes after the beginning; `corrects` is the one it takes back."""

    event_id: UUID
    deal: int
    minute: int
    sequence: int
    stage_id: UUID
    amount: Decimal
    currency: str
    corrects: UUID | None = None

    @property
    def pipeline_id(self) -> UUID:
        """The pipeline of the stage."""
        return OTHER_PIPELINE if self.stage_id == ELSEWHERE else PIPELINE

    @property
    def outcome(self) -> DealOutcome:
        """What entering the stage makes of the deal."""
        return "won" if self.stage_id == WON else "lost" if self.stage_id == LOST else None


def standing(facts: Collection[Fact]) -> list[Fact]:
    """The facts but for slips and what took them back."""
    slips = {fact.corrects for fact in facts}
    return [fact for fact in facts if fact.corrects is None and fact.event_id not in slips]


def moves(facts: Iterable[Fact], first: int = 0, last: int = 10**9) -> list[Moves]:
    """One Moves per entry into PIPELINE within the minutes, whatever the order and duplication of the facts."""
    histories: defaultdict[int, dict[UUID, Fact]] = defaultdict(dict)
    for fact in facts:
        histories[fact.deal][fact.event_id] = fact
    made = []
    for history in histories.values():
        entries = sorted(standing(history.values()), key=lambda f: (f.minute, f.sequence, f.event_id))
        for index, entry in enumerate(entries):
            if entry.pipeline_id != PIPELINE or not first <= entry.minute < last:
                continue
            following = entries[index + 1] if index + 1 < len(entries) else None
            after = None
            if following is not None:
                after = Next(following.pipeline_id, following.stage_id, following.outcome)
            move = Move(entry.pipeline_id, entry.stage_id, entry.outcome, after)
            repeat = any(earlier.stage_id == entry.stage_id for earlier in entries[:index])
            made.append(Moves(move, repeat, entry.currency, 1, entry.amount))
    return made


@st.composite
def histories(draw: st.DrawFn, most_deals: int = 6) -> list[Fact]:
    """Facts of a few deals that wander to and fro, some at the same minute."""
    facts = []
    for deal in range(draw(st.integers(1, most_deals))):
        amount = Decimal(draw(st.integers(0, 10**6))) / 100
        currency = draw(st.sampled_from(["EUR", "USD"]))
        minutes = sorted(draw(st.lists(st.integers(0, 50), min_size=1, max_size=7)))
        for sequence, minute in enumerate(minutes, start=1):
            stage_id = draw(st.sampled_from([*STAGES, WON, LOST, ELSEWHERE]))
            event_id = UUID(int=(deal << 64) + sequence)
            facts.append(Fact(event_id, deal, minute, sequence, stage_id, amount, currency))
        for slip in draw(st.lists(st.sampled_from(facts[-len(minutes) :]), max_size=2, unique=True)):
            sequence += 1
            event_id = UUID(int=(slip.deal << 64) + 100 + sequence)
            stage_id = draw(st.sampled_from(STAGES))
            facts.append(replace(slip, event_id=event_id, sequence=sequence, stage_id=stage_id, corrects=slip.event_id))
    return facts
