"""Stage gates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from crm_deals.deals.rules import Move, Refusal, StageKind, closed_at, refusal
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FORWARD = Move(
    from_stage="new",
    from_kind="open",
    entered_at=NOON - timedelta(days=3),
    to_stage="offer",
    to_kind="open",
    loss_reason=None,
    loss_reasons=("Price", "No answer"),
    happened_at=NOON,
    now=NOON,
    may_reopen=False,
)
WON = replace(FORWARD, to_stage="won", to_kind="won")
LOST = replace(FORWARD, to_stage="lost", to_kind="lost", loss_reason="Price")
REOPENED = replace(FORWARD, from_stage="won", from_kind="won")


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (FORWARD, None),
        (WON, None),
        (LOST, None),
        (replace(FORWARD, to_stage="new"), Refusal.SAME_STAGE),
        (replace(LOST, loss_reason=None), Refusal.REASON_NEEDED),
        (replace(LOST, loss_reason="Moon phase"), Refusal.REASON_UNKNOWN),
        (replace(WON, loss_reason="Price"), Refusal.REASON_OUT_OF_PLACE),
        (replace(FORWARD, happened_at=NOON + timedelta(seconds=1)), Refusal.IN_THE_FUTURE),
        (replace(FORWARD, happened_at=NOON - timedelta(days=2)), None),
        (replace(FORWARD, happened_at=NOON - timedelta(days=4)), Refusal.BEFORE_THE_PRESENT_STAGE),
    ],
)
def test_a_move_is_allowed_or_refused_with_its_reason(move: Move, expected: Refusal | None) -> None:
    assert refusal(move) is expected


def test_a_closed_deal_cannot_be_reopened_without_the_right() -> None:
    assert refusal(REOPENED) is Refusal.REOPENING
    assert refusal(replace(REOPENED, to_stage="lost", to_kind="lost", loss_reason="Price")) is Refusal.REOPENING
    assert refusal(replace(REOPENED, may_reopen=True)) is None


kinds: st.SearchStrategy[StageKind] = st.sampled_from(["open", "won", "lost"])


@given(kinds, kinds, st.sampled_from([None, "Price", "Moon phase"]), st.booleans(), st.integers(-9, 9))
def test_no_allowed_move_loses_without_a_reason_or_leaves_the_order_of_time(
    from_kind: StageKind, to_kind: StageKind, reason: str | None, may_reopen: bool, days: int
) -> None:
    move = replace(
        FORWARD,
        from_kind=from_kind,
        to_kind=to_kind,
        loss_reason=reason,
        may_reopen=may_reopen,
        happened_at=NOON + timedelta(days=days),
    )
    if refusal(move) is None:
        assert (to_kind == "lost") == (reason == "Price")
        assert reason in (None, "Price")
        assert move.entered_at <= move.happened_at <= NOON
        assert from_kind == "open" or may_reopen


def test_winning_and_losing_close_a_deal_when_they_happened() -> None:
    assert closed_at("won", NOON) == closed_at("lost", NOON) == NOON
    assert closed_at("open", NOON) is None
