"""Counting in working minutes of the company.

Owns the calendar of working days and hours. Must never know a database, a setting or the present time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Wall-clock hours worked on each of `days` (0 = Monday) in `zone`; an `end` of midnight ends the day."""

    zone: ZoneInfo
    days: frozenset[int]
    start: time
    end: time

    def __post_init__(self) -> None:
        """ValueError when nothing is ever worked, as counting would not end."""
        if not self.days or not self.days <= frozenset(range(7)):
            raise ValueError("working days are a non-empty subset of 0 (Monday) to 6 (Sunday)")
        if self.end != time.min and self.end <= self.start:
            raise ValueError("the working day ends after it starts")


def add_working_minutes(moment: datetime, minutes: int, hours: WorkingHours) -> datetime:
    """The UTC moment by which `minutes` of working time have passed since the aware `moment`.

    Minutes are real ones: on a day the clocks change, an hour that is skipped is not worked and one that
    repeats is worked twice. Time outside the working hours does not count.
    """
    left = timedelta(minutes=minutes)
    start = moment.astimezone(UTC)
    for opens, closes in _shifts(start.astimezone(hours.zone).date(), hours):
        begin = max(opens, start)
        if begin + left <= closes:
            return begin + left
        left -= max(closes - begin, timedelta())
    raise AssertionError("shifts never end")


def _shifts(first: date, hours: WorkingHours) -> Iterator[tuple[datetime, datetime]]:
    """Every working day from `first` on, as UTC moments."""
    day = first
    while True:
        if day.weekday() in hours.days:
            last = day + timedelta(days=1) if hours.end == time.min else day
            yield _utc(day, hours.start, hours.zone), _utc(last, hours.end, hours.zone)
        day += timedelta(days=1)


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def month_start(moment: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment at which the calendar month of `moment` began in `zone`."""
    local = moment.astimezone(zone)
    return _utc(local.date().replace(day=1), time.min, zone)
