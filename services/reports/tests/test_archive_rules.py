from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from crm_chassis.ids import new_id
from crm_reports.archive.rules import first_of_next_month, lowest_id, months_around, stamps
from hypothesis import given
from hypothesis import strategies as st

moments = st.integers(0, 10**15).map(lambda us: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=us))
days = st.dates(date(2000, 1, 1), date(2190, 1, 1))


@given(last=moments, clock=moments, count=st.integers(1, 300))
def test_archived_at_grows_with_every_event_even_if_the_clock_steps_back(
    last: datetime, clock: datetime, count: int
) -> None:
    made = stamps(count, last, clock)
    assert [last, *made] == sorted({last, *made})
    assert made[0] >= clock
    assert made[-1] - made[0] == timedelta(microseconds=count - 1)


def test_an_id_minted_now_lies_within_the_bounds_of_this_month() -> None:
    month = datetime.now(UTC).date().replace(day=1)
    assert lowest_id(month) <= new_id() < lowest_id(first_of_next_month(month))


@given(day=days, before=st.integers(0, 14), ahead=st.integers(0, 14))
def test_months_follow_each_other_without_gaps_over_new_year(day: date, before: int, ahead: int) -> None:
    months = months_around(day, before=before, ahead=ahead)
    assert len(months) == before + 1 + ahead
    assert months[before] == day.replace(day=1)
    assert all(first_of_next_month(a) == b for a, b in pairwise(months))
