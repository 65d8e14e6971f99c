"""Sales: deals won, lost, created and open, in groups.

A deal is **won** (lost) when the last stage it entered by `as_of` made it so; it counts on the day it entered that
stage, once, however often it was opened again before. It is **created** on the day it entered its first stage. It is
**open** when its last stage is an open one: the state at `as_of`, whatever the days asked for, so months have none.

Won, lost and created go to who owned the deal then, to that person's team and the team's office then; open ones to
who owned them at `as_of`. Amount, products and company are the deal's at `as_of`. By product a deal counts under each
of its products with what that one brings; the groups of products do not sum to the whole.

Must never know a table, a framework or the clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

_DAY_S = Decimal(86_400)
_MONTHS = {"month": 1, "quarter": 3}


class By(StrEnum):
    """What groups are told apart by."""

    NONE = "none"
    EMPLOYEE = "employee"
    TEAM = "team"
    OFFICE = "office"
    PRODUCT = "product"
    COMPANY = "company"
    MONTH = "month"
    QUARTER = "quarter"
    CURRENCY = "currency"

    @property
    def is_time(self) -> bool:
        """True for groups that are spans of days."""
        return self in (By.MONTH, By.QUARTER)


class Figure(StrEnum):
    """What is counted."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"
    CREATED = "created"


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a month or a quarter, cut to those asked for; named as in 2017-06 and 2017-Q2."""

    name: str
    first: date
    last: date


@dataclass(slots=True)
class Total:
    """One figure of a group."""

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    seconds: Decimal = Decimal(0)

    def add(self, currency: str, count: int, amount: Decimal, seconds: Decimal) -> None:
        """These deals are counted too."""
        self.count += count
        self.amounts[currency] = self.amounts.get(currency, Decimal(0)) + amount
        self.seconds += seconds


Group = Mapping[Figure, Total]


def empty_group() -> dict[Figure, Total]:
    """A group nothing belongs to yet."""
    return {figure: Total() for figure in Figure}


def spans(first: date, last: date, by: By) -> list[Span]:
    """The months or quarters the days from `first` to `last` are in, in order; the outer ones cut."""
    length = _MONTHS[by]
    begins = first.replace(month=first.month - (first.month - 1) % length, day=1)
    found = []
    while begins <= last:
        months = begins.year * 12 + begins.month - 1 + length
        following = date(months // 12, months % 12 + 1, 1)
        quarter = f"{begins:%Y}-Q{(begins.month + 2) // 3}"
        name = f"{begins:%Y-%m}" if by is By.MONTH else quarter
        found.append(Span(name, max(begins, first), min(following - timedelta(days=1), last)))
        begins = following
    return found


def win_rate(won: int, lost: int) -> str | None:
    """Won among closed, half up to four places; None while nothing was closed."""
    if not won + lost:
        return None
    return str((Decimal(won) / (won + lost)).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def average_days(total: Total) -> str | None:
    """Mean days from the first stage to the close, half up to one place; None of nothing."""
    if not total.count:
        return None
    return str((total.seconds / total.count / _DAY_S).quantize(Decimal("0.1"), ROUND_HALF_UP))


def in_order(groups: Mapping[str | None, Group], by: By) -> Sequence[tuple[str | None, Group]]:
    """Spans of time in their order; else those who won most first. The group of those who have none comes last."""

    def place(item: tuple[str | None, Group]) -> tuple[object, ...]:
        key, group = item
        counts = () if by.is_time else tuple(-group[figure].count for figure in Figure)
        return (key is None and by is not By.NONE, *counts, key or "")

    return sorted(groups.items(), key=place)
