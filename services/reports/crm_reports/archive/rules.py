"""What the archive may decide without a database: month bounds of ids, stamps, which personal part goes where.

Must never know a table, a framework or the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from crm_contracts.envelope import Envelope

_TICK = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def next_stamp(last: datetime, clock: datetime) -> datetime:
    """When the next event is archived: the clock's time, or a microsecond after `last` if the clock stepped back.

    Strictly growing, so that `archived_at` orders events exactly as `position` does.
    """
    return max(clock, last + _TICK)


def stamps(count: int, last: datetime, clock: datetime) -> list[datetime]:
    """The stamps of `count` events archived together, a microsecond apart."""
    first = next_stamp(last, clock)
    return [first + _TICK * offset for offset in range(count)]


def first_of_next_month(day: date) -> date:
    """The first day of the month after the one `day` is in."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_around(day: date, *, before: int, ahead: int) -> list[date]:
    """First days of the month of `day`, of `before` months before it and `ahead` months after it, in order."""
    first = day.replace(day=1)
    for _ in range(before):
        first = (first - timedelta(days=1)).replace(day=1)
    months = [first]
    for _ in range(before + ahead):
        months.append(first_of_next_month(months[-1]))
    return months


def lowest_id(month: date) -> UUID:
    """The lowest value a UUIDv7 minted in or after `month` (UTC) can have: its 48 bits of Unix milliseconds.

    Source: RFC 9562 §5.7. The version bits are left zero, so nothing of the month sorts below.
    """
    return lowest_id_since(datetime(month.year, month.month, 1, tzinfo=UTC))


def lowest_id_since(at: datetime) -> UUID:
    """The same for a moment."""
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    return UUID(int=milliseconds << 80)


def split_personal(data: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """The data without its personal part, and that part (None when the event has none)."""
    rest = {key: value for key, value in data.items() if key != "pii"}
    return rest, data.get("pii")


@dataclass(frozen=True, slots=True)
class Kept:
    """An archived event as far as a redelivery is compared with it; `pii` is None once erased."""

    type: str
    subject: str
    time: datetime
    recordedtime: datetime
    sequence: int
    actor: str
    correlationid: UUID
    causationid: UUID | None
    data: Mapping[str, Any]
    pii: Any


def says_the_same(kept: Kept, event: Envelope) -> bool:
    """True when `event` is the kept one delivered again.

    Lane, hops and the replay mark may differ: they tell how it came, not what it says. An erased personal part
    is no difference either.
    """
    data, pii = split_personal(event.data)
    same_facts = (
        kept.type == event.type
        and kept.subject == event.subject
        and kept.time == event.time
        and kept.recordedtime == event.recordedtime
        and kept.sequence == event.sequence
        and kept.actor == event.actor
        and kept.correlationid == event.correlationid
        and kept.causationid == event.causationid
        and kept.data == data
    )
    return same_facts and (kept.pii is None or kept.pii == pii)
