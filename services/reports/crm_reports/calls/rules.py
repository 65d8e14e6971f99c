"""Calls by day: empty days are days too, and a mean is taken of seconds, never of means. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one day (and one user); `wait_s` is the sum over the `waited` inbound calls that were answered."""

    day: date
    user_id: UUID | None
    inbound: int = 0
    outbound: int = 0
    answered: int = 0
    missed: int = 0
    talk_s: int = 0
    waited: int = 0
    wait_s: int = 0


def average_s(total_s: int, count: int) -> Decimal | None:
    """Mean seconds, half up to one decimal; None of nothing."""
    if not count:
        return None
    return (Decimal(total_s) / count).quantize(Decimal("0.1"), ROUND_HALF_UP)


def every_day(days: Sequence[date], found: Iterable[Calls]) -> list[Calls]:
    """One entry for each of the days, in order, zeros where nobody called."""
    by_day = {calls.day: calls for calls in found}
    return [by_day.get(day) or Calls(day, None) for day in days]
