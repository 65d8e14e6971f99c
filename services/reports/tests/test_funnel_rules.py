import random
from decimal import Decimal
from uuid import UUID

import pytest
from crm_reports.funnel.rules import Move, Next, Outcome, Stage, figures, outcome_of, stages_of
from hypothesis import given
from hypothesis import strategies as st

from .history import ELSEWHERE, LOST, OTHER_PIPELINE, PIPELINE, STAGES, WON, Fact, histories, moves, standing

KNOWN = [
    *(Stage(id, f"s{n}", "open", n) for n, id in enumerate(STAGES)),
    Stage(WON, "Won", "won", 10),
    Stage(LOST, "Lost", "lost", 11),
]
POSITIONS = {stage.id: stage.position for stage in KNOWN}


@given(facts=histories())
def test_every_entry_has_exactly_one_outcome_so_the_outcomes_sum_to_the_entered(facts: list[Fact]) -> None:
    made = figures(moves(facts), KNOWN)
    assert sum(each.entered.count for each in made) == sum(fact.pipeline_id == PIPELINE for fact in standing(facts))
    for each in made:
        assert each.entered.count == sum(figure.count for figure in each.outcomes.values())
        assert each.re_entered.count <= each.entered.count
        for currency, amount in each.entered.amounts.items():
            parts = (figure.amounts.get(currency, Decimal(0)) for figure in each.outcomes.values())
            assert sum(parts) == amount


@given(facts=histories(), seed=st.randoms(use_true_random=False))
def test_order_and_duplication_of_facts_change_no_figure(facts: list[Fact], seed: random.Random) -> None:
    shuffled = facts + seed.choices(facts, k=len(facts))
    seed.shuffle(shuffled)
    assert figures(moves(shuffled), KNOWN) == figures(moves(facts), KNOWN)


@given(facts=histories(most_deals=4))
def test_all_entries_of_a_deal_but_its_last_went_somewhere(facts: list[Fact]) -> None:
    still = sum(each.outcomes[Outcome.STILL_THERE].count for each in figures(moves(facts), KNOWN))
    assert still <= len({fact.deal for fact in facts})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((STAGES[1], None), None, Outcome.STILL_THERE),
        ((STAGES[1], None), (PIPELINE, STAGES[3], None), Outcome.ADVANCED),
        ((STAGES[3], None), (PIPELINE, STAGES[1], None), Outcome.MOVED_BACK),
        ((STAGES[3], None), (PIPELINE, STAGES[3], None), Outcome.MOVED_BACK),
        ((STAGES[0], None), (PIPELINE, WON, "won"), Outcome.ADVANCED),
        ((STAGES[4], None), (PIPELINE, LOST, "lost"), Outcome.LOST),
        ((STAGES[4], None), (OTHER_PIPELINE, ELSEWHERE, None), Outcome.LEFT_PIPELINE),
        ((STAGES[4], None), (OTHER_PIPELINE, ELSEWHERE, "lost"), Outcome.LOST),
        ((LOST, "lost"), (PIPELINE, STAGES[0], None), Outcome.MOVED_BACK),
        ((WON, "won"), (PIPELINE, STAGES[4], None), Outcome.MOVED_BACK),
        ((LOST, "lost"), (PIPELINE, WON, "won"), Outcome.ADVANCED),
        ((WON, "won"), (PIPELINE, LOST, "lost"), Outcome.LOST),
        ((WON, "won"), (OTHER_PIPELINE, ELSEWHERE, None), Outcome.LEFT_PIPELINE),
    ],
)
def test_what_became_of_an_entry(
    before: tuple[UUID, str | None], after: tuple[UUID, UUID, str | None] | None, expected: Outcome
) -> None:
    move = Move(PIPELINE, *before, Next(*after) if after else None)  # type: ignore[arg-type]
    assert outcome_of(move, POSITIONS) is expected


def test_a_reopened_deal_moves_back_even_where_the_lost_stage_stands_first() -> None:
    move = Move(PIPELINE, LOST, "lost", Next(PIPELINE, STAGES[4], None))
    assert outcome_of(move, POSITIONS | {LOST: -5}) is Outcome.MOVED_BACK


def test_a_stage_taken_out_of_the_pipeline_keeps_its_entries_and_is_hidden_without() -> None:
    versions = [KNOWN, KNOWN[1:]]
    stages = stages_of(versions)
    assert stages[-1].id == STAGES[0]
    assert stages[-1].removed
    fact = Fact(UUID(int=7), 1, 1, 1, STAGES[0], Decimal(5), "EUR")
    assert figures(moves([fact]), stages)[-1].entered.count == 1
    assert all(not each.stage.removed for each in figures([], stages))


def test_a_stage_is_shown_as_last_named() -> None:
    renamed = [Stage(STAGES[0], "Fresh", "open", 0), *KNOWN[1:]]
    assert stages_of([KNOWN, renamed])[0].name == "Fresh"
