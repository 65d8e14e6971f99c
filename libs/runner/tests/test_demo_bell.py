"""Whom the demo's telephone rings, and when: soon for who has just come, seldom for an empty house."""

import random
from itertools import pairwise

from crm_runner.demo.bell import AGAIN_S, NOBODY_S, SOON_S, Bell
from hypothesis import given
from hypothesis import strategies as st

seeds = st.integers(0, 1_000)


def heard(bell: Bell, present: list[str], since: int, until: int) -> list[tuple[int, str]]:
    """What rings, asked each second."""
    return [(at, name) for at in range(since, until) for name in bell.rings(present, float(at))]


@given(seeds)
def test_who_has_just_come_is_rung_within_five_seconds_and_then_now_and_again(seed: int) -> None:
    bell = Bell(random.Random(seed))
    rings = heard(bell, ["Ana"], 0, 600)
    assert SOON_S[0] <= rings[0][0] <= 5
    gaps = [after[0] - before[0] for before, after in pairwise(rings)]
    assert all(AGAIN_S[0] <= gap <= AGAIN_S[1] + 1 for gap in gaps)


@given(seeds)
def test_a_page_loaded_anew_is_no_new_visitor_and_a_late_one_is(seed: int) -> None:
    bell = Bell(random.Random(seed))
    first = heard(bell, ["Ana"], 0, 10)
    assert len(first) == 1
    assert heard(bell, ["Boris"], 10, 15) != []
    assert heard(bell, ["Ana", "Boris"], 15, 30) == []
    assert [name for _, name in heard(bell, ["Ana"], 400, 406)] == ["Ana"]


@given(seeds)
def test_an_empty_house_is_rung_seldom(seed: int) -> None:
    rings = heard(Bell(random.Random(seed)), [], 0, 1_000)
    assert 0 < len(rings) <= 1_000 / NOBODY_S[0] + 1
    assert {name for _, name in rings} == {""}
