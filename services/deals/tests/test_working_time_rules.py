"""Working minutes against a clock that walks minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from crm_deals.working_time.rules import WorkingHours, add_working_minutes, month_start
from hypothesis import given, settings
from hypothesis import strategies as st

LJUBLJANA = ZoneInfo("Europe/Ljubljana")
OFFICE = WorkingHours(LJUBLJANA, frozenset(range(5)), time(9), time(18))


def local(text: str) -> datetime:
    """A wall-clock moment of Ljubljana."""
    return datetime.fromisoformat(text).replace(tzinfo=LJUBLJANA)


def walk(moment: datetime, minutes: int, hours: WorkingHours) -> datetime:
    """The oracle: go on one real minute at a time and count those that begin inside working hours."""

    def worked(at: datetime) -> bool:
        wall = at.astimezone(hours.zone)
        before_end = hours.end == time.min or wall.time() < hours.end
        return wall.weekday() in hours.days and hours.start <= wall.time() and before_end

    at = moment.astimezone(UTC)
    while not worked(at):
        at += timedelta(minutes=1)
    left = minutes
    while left:
        if worked(at):
            left -= 1
        at += timedelta(minutes=1)
    return at


def calendars() -> st.SearchStrategy[WorkingHours]:
    """Calendars whose bounds stay clear of 01:00–04:00, where a wall time may not exist or exist twice."""
    return st.builds(
        WorkingHours,
        zone=st.sampled_from([LJUBLJANA, ZoneInfo("America/New_York"), ZoneInfo("UTC")]),
        days=st.frozensets(st.integers(0, 6), min_size=1),
        start=st.sampled_from([time(0), time(5), time(9), time(11, 30)]),
        end=st.sampled_from([time(12), time(18), time(22, 45), time(0)]),
    )


near_clock_changes = st.sampled_from(
    [
        datetime(2026, 3, 28, tzinfo=UTC),
        datetime(2026, 10, 24, tzinfo=UTC),
        datetime(2026, 3, 7, tzinfo=UTC),
        datetime(2026, 10, 31, tzinfo=UTC),
        datetime(2026, 7, 1, tzinfo=UTC),
    ]
)


@settings(max_examples=60)  # the oracle walks thousands of minutes each time
@given(near_clock_changes, st.integers(0, 3 * 24 * 60), st.integers(1, 900), calendars())
def test_it_agrees_with_a_clock_that_walks_every_minute(
    day: datetime, offset: int, minutes: int, hours: WorkingHours
) -> None:
    moment = day + timedelta(minutes=offset)
    assert add_working_minutes(moment, minutes, hours) == walk(moment, minutes, hours)


@pytest.mark.parametrize(
    ("missed", "due"),
    [
        ("2026-11-20 10:00", "2026-11-20 10:15"),
        ("2026-11-20 17:45", "2026-11-20 18:00"),
        ("2026-11-20 17:50", "2026-11-23 09:05"),
        ("2026-11-21 12:00", "2026-11-23 09:15"),
        ("2026-11-23 07:30", "2026-11-23 09:15"),
        ("2026-10-23 17:59", "2026-10-26 09:14"),  # the clocks go back in between
        ("2026-03-27 18:00", "2026-03-30 09:15"),  # the clocks go forward in between
    ],
)
def test_a_call_back_is_due_in_fifteen_working_minutes(missed: str, due: str) -> None:
    assert add_working_minutes(local(missed), 15, OFFICE) == local(due)


def test_a_calendar_without_working_time_is_refused() -> None:
    with pytest.raises(ValueError, match="working days"):
        WorkingHours(LJUBLJANA, frozenset(), time(9), time(18))
    with pytest.raises(ValueError, match="ends after"):
        WorkingHours(LJUBLJANA, frozenset({0}), time(18), time(9))


def test_the_month_begins_at_the_companys_midnight() -> None:
    assert month_start(datetime(2026, 10, 31, 23, 30, tzinfo=UTC), LJUBLJANA) == local("2026-11-01 00:00")
    assert month_start(datetime(2026, 7, 15, tzinfo=UTC), LJUBLJANA) == local("2026-07-01 00:00")
