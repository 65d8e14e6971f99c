from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from crm_reports.days import day_end, day_of, day_start, days_between
from hypothesis import given
from hypothesis import strategies as st

LJUBLJANA = ZoneInfo("Europe/Ljubljana")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)],
)
def test_the_days_of_the_clock_changes_have_23_and_25_hours(day: date, hours: int) -> None:
    assert day_end(day, LJUBLJANA) - day_start(day, LJUBLJANA) == hours * HOUR


def test_both_hours_between_two_and_three_of_the_autumn_night_belong_to_the_sunday() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert first.astimezone(LJUBLJANA).hour == second.astimezone(LJUBLJANA).hour == 2
    assert day_of(first, LJUBLJANA) == day_of(second, LJUBLJANA) == date(2026, 10, 25)


# From 2012: until 2011 Newfoundland put its clocks back at 00:01, so a day there came in two pieces.
@given(
    zone=st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
    seconds=st.integers(0, 175 * 365 * 86_400),
)
def test_every_instant_lies_within_its_own_day_in_every_zone(zone: ZoneInfo, seconds: int) -> None:
    instant = datetime(2012, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    day = day_of(instant, zone)
    assert day_start(day, zone) <= instant < day_end(day, zone)


def test_days_between_includes_both_ends() -> None:
    assert days_between(date(2026, 2, 27), date(2026, 3, 1)) == [
        date(2026, 2, 27),
        date(2026, 2, 28),
        date(2026, 3, 1),
    ]
