"""Days of the company's zone as spans of UTC. Pure: knows no clock, no database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2199, 12, 31)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which `day` begins in `zone`; where midnight is skipped, the first instant after it."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which `day` is over: the start of the next one (23, 24 or 25 hours later)."""
    return day_start(day + timedelta(days=1), zone)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The day on the company's wall calendar at `instant`."""
    return instant.astimezone(zone).date()


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
