"""What the rows of an old system mean: names read, titles made, the history of a deal, what a newer file changes.

Must never know a database, a clock or who is asking.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum
from typing import Any

TITLE_LENGTH = 200
_NOON = time(12)
_PHONE_SIGNS = frozenset(" ()-./\u00a0")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15


class DateRefusal(StrEnum):
    """Why the days of a row can not be; the value is the stable code of its finding."""

    IN_THE_FUTURE = "in_the_future"
    CLOSED_BEFORE_OPENED = "closed_before_opened"


@dataclass(frozen=True, slots=True)
class History:
    """When a deal was opened and closed (None: it is open); `guessed` when a day was missing and now was taken."""

    opened_at: datetime
    closed_at: datetime | None
    guessed: bool


def history(
    opened_on: date | None, closed_on: date | None, *, closed: bool, now: datetime, zone: tzinfo
) -> History | DateRefusal:
    """The moments the days stand for: noon in the zone, today no later than now; a missing one is now.

    A closed deal of which only the last day is known was opened and closed on it; an open one has no last day.
    """
    days = [day for day in (opened_on, closed_on if closed else None) if day is not None]
    today = now.astimezone(zone).date()
    if any(day > today for day in days):
        return DateRefusal.IN_THE_FUTURE
    if len(days) == 2 and days[1] < days[0]:
        return DateRefusal.CLOSED_BEFORE_OPENED
    moments = {day: min(datetime.combine(day, _NOON, zone).astimezone(UTC), now) for day in days}
    if not closed:
        return History(moments[opened_on] if opened_on else now, None, opened_on is None)
    closed_at = moments[closed_on] if closed_on else now
    return History(moments[opened_on] if opened_on else closed_at, closed_at, len(days) < 2)


def squeezed(name: str) -> str:
    """The name as it is compared: no case, no width of signs, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def loose(name: str) -> str:
    """Its letters and digits only, without case: equal for `GTX Pro`, `gtx-pro` and `GTXPro`; empty for none."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())


def international(text: str) -> str | None:
    """The phone number as +digits when the text is one with its country, else None."""
    bare = "".join(sign for sign in text if sign not in _PHONE_SIGNS)
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    digits = bare[1:]
    plausible = digits.isascii() and digits.isdigit() and _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS
    return bare if bare.startswith("+") and plausible else None


def title(product: str | None, customer: str | None, number: str | None) -> str | None:
    """A title for a deal that has none: what is sold and to whom, else its number; None when nothing is known."""
    parts = [part for part in (product, customer or number) if part]
    return " – ".join(parts)[:TITLE_LENGTH].strip() or None


def identity(values: Mapping[str, str], repetition: int) -> str:
    """The stable name of a row that brings no number of its own; its equals in one file differ by `repetition`."""
    content = json.dumps([sorted(values.items()), repetition], ensure_ascii=False)
    return f"row:{hashlib.sha256(content.encode()).hexdigest()}"


def news(said: Mapping[str, Any], before: Mapping[str, Any]) -> frozenset[str]:
    """What a row says otherwise than the last one did of the same thing; what it leaves out it does not say."""
    return frozenset(name for name, value in said.items() if name not in before or before[name] != value)
