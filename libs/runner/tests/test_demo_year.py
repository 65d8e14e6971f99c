"""The made year is believable whatever the seed: nobody talks twice at once, and everybody has work today."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from crm_runner.demo.year.making import ZONE, make
from crm_runner.demo.year.shape import FULL, SMALL, Year
from crm_runner.demo.year.staff import MANNERS
from hypothesis import example, given, settings
from hypothesis import strategies as st

NOON = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
seeds = st.integers(0, 10_000)
moments = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
unhurried = settings(deadline=None, max_examples=25)


@pytest.fixture(scope="module")
def year() -> Year:
    """The year the demo shows."""
    return make(FULL, 1, NOON)


@unhurried
@given(seeds, moments)
def test_the_same_seed_and_moment_make_the_same_company(seed: int, now: datetime) -> None:
    assert make(SMALL, seed, now) == make(SMALL, seed, now)
    assert make(SMALL, seed, now) != make(SMALL, seed + 1, now)


@unhurried
@given(seeds, moments)
def test_nothing_happens_after_now_and_nobody_talks_twice_at_once(seed: int, now: datetime) -> None:
    made = make(SMALL, seed, now)
    today = now.astimezone(ZONE).date()
    ended = {call.id: call.started_at + timedelta(seconds=call.ring_s + call.talk_s) for call in made.calls}
    assert all(at <= now for at in ended.values())
    for name in MANNERS:
        mine = [call for call in made.calls if call.user == name]
        assert all(ended[one.id] <= other.started_at for one, other in pairwise(mine))
    for deal in made.deals:
        days = [step.day for step in deal.steps]
        assert days == sorted(days) and days[-1] <= today
        assert deal.stage == "Lost" or deal.loss_reason is None
        assert deal.stage != "Lost" or deal.loss_reason


@unhurried
@example(294, datetime(2025, 1, 1, tzinfo=UTC))  # of forty customers none was drawn for one colleague
@given(seeds, moments)
def test_everybody_has_something_to_do_today_and_something_forgotten(seed: int, now: datetime) -> None:
    made = make(SMALL, seed, now)
    tomorrow = datetime.combine(now.astimezone(ZONE).date() + timedelta(days=1), datetime.min.time(), ZONE)
    today_ends = max(tomorrow, now + timedelta(hours=1))
    planned = {task.deal for task in made.tasks if not task.done}
    for name in MANNERS:
        assert any(now < task.due_at < today_ends for task in made.tasks if task.owner == name and not task.done)
        assert any(deal.is_open and deal.number not in planned for deal in made.deals if deal.owner == name)
        assert any(ring.user == name for ring in made.rings)


@unhurried
@example(1, datetime(2026, 11, 30, 22, 57, tzinfo=UTC))  # tasks done today were due seven minutes before
@given(seeds, moments)
def test_only_the_forgotten_is_overdue_while_the_year_is_brought_in(seed: int, now: datetime) -> None:
    filled = now + timedelta(minutes=5)
    made = make(FULL, seed, now)
    assert all(task.due_at > filled for task in made.tasks if task.done)
    for name, manner in MANNERS.items():
        overdue = sum(task.due_at < filled for task in made.tasks if task.owner == name and not task.done)
        assert overdue <= round(12 * manner.forgets)


@unhurried
@given(seeds, moments)
def test_no_open_stage_of_the_board_stands_empty(seed: int, now: datetime) -> None:
    held = Counter(deal.stage for deal in make(FULL, seed, now).deals)
    assert held["New"] >= 3
    assert all(held[stage] for stage in ("Contacted", "Measuring", "Offer", "Contract"))


@unhurried
@given(seeds, moments)
def test_numbers_mails_and_names_are_each_somebodys_alone(seed: int, now: datetime) -> None:
    made = make(SMALL, seed, now)
    for those in (
        [person.phone for person in made.people] + [firm.phone for firm in made.firms],
        [person.email for person in made.people],
        [person.name for person in made.people],
        [firm.name for firm in made.firms],
        [deal.number for deal in made.deals],
    ):
        assert len(set(those)) == len(those)


def test_a_missed_call_of_today_is_never_made_up(year: Year) -> None:
    assert not [call for call in year.calls if call.result == "missed" and call.started_at.date() == NOON.date()]


def test_summer_is_quiet_and_the_colleagues_differ(year: Year) -> None:
    by_month = Counter(deal.steps[0].day.month for deal in year.deals)
    assert by_month[8] < by_month[5] / 2 and by_month[8] < by_month[10] / 2
    won = {name: _share([deal.stage == "Won" for deal in year.deals if deal.owner == name]) for name in MANNERS}
    missed = {name: _share([call.result == "missed" for call in year.calls if call.user == name]) for name in MANNERS}
    assert won["Ana"] > 2 * won["Boris"] and missed["Boris"] > 2 * missed["Ana"]
    first = min(deal.steps[0].day for deal in year.deals if deal.owner == "Cene")
    assert first >= date(2026, 9, 18), "the new one sold nothing before coming"


def _share(flags: list[bool]) -> float:
    return sum(flags) / len(flags)
