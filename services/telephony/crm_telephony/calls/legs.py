"""The legs of a call, each made of its own events, and the arithmetic of intervals.

Pure, order-free; see fold.py. Times are seconds of the epoch by our clock.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from crm_contracts.telephony import Direction

from crm_telephony.vendors.port import Cause, Kind, LegSeen, Party

LegEnd = Literal["answered", "elsewhere", "no_answer", "declined", "busy", "failed"]
Interval = tuple[float, float]
_KIND_ORDER = list(Kind)
_PARTY_RANK = [None, Party.IVR, Party.QUEUE, Party.PHONE, Party.EXTENSION]


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg with everything known of it. `end` is set once it has ended."""

    id: str
    party: Party
    direction: Direction | None
    taken_from: str
    caller_extension: str
    caller_number: str
    extension: str
    number: str
    line: str
    began_at: float
    answered_at: float | None
    ended_at: float | None
    held: tuple[Interval, ...]
    cause: Cause | None
    end: LegEnd | None = None

    @property
    def is_person(self) -> bool:
        """A human may pick it up."""
        return self.party in (Party.EXTENSION, Party.PHONE)


def first_of(values: Iterable[str]) -> str:
    """The first text that says something, else empty."""
    return next((value for value in values if value), "")


def legs_of(seen: Iterable[LegSeen], offset: float) -> list[Leg]:
    """The legs in the order they began; `offset` is added to the vendor's times."""
    by_leg: dict[str, list[LegSeen]] = {}
    for event in sorted(seen, key=_order):
        by_leg.setdefault(event.leg, []).append(event)
    made = [_leg(leg_id, events, offset) for leg_id, events in by_leg.items()]
    return sorted(made, key=lambda leg: (leg.began_at, leg.id))


def _order(event: LegSeen) -> tuple[int, float, int, str]:
    return event.seq, event.at, _KIND_ORDER.index(event.kind), repr(event)


def _leg(leg_id: str, events: Sequence[LegSeen], offset: float) -> Leg:
    def first(pick: Callable[[LegSeen], str]) -> str:
        return first_of(pick(event) for event in events)

    def earliest(*kinds: Kind) -> float | None:
        times = [event.at + offset for event in events if event.kind in kinds]
        return min(times) if times else None

    ended_at = earliest(Kind.ENDED)
    return Leg(
        id=leg_id,
        party=max((event.party for event in events), key=_PARTY_RANK.index) or Party.IVR,
        direction=next((event.direction for event in events if event.direction), None),
        taken_from=first(lambda event: event.taken_from),
        caller_extension=first(lambda event: event.caller.extension),
        caller_number=first(lambda event: "" if event.caller.extension else event.caller.number),
        extension=first(lambda event: event.callee.extension),
        number=first(lambda event: event.callee.number),
        line=first(lambda event: event.line),
        began_at=min(event.at for event in events) + offset,
        answered_at=earliest(Kind.ANSWERED, Kind.HELD, Kind.RESUMED),
        ended_at=ended_at,
        held=_holds(events, ended_at, offset),
        cause=next((event.cause for event in events if event.cause), None),
    )


def _holds(events: Sequence[LegSeen], ended_at: float | None, offset: float) -> tuple[Interval, ...]:
    holds: list[Interval] = []
    since: float | None = None
    for event in events:
        if event.kind is Kind.HELD and since is None:
            since = event.at + offset
        elif event.kind in (Kind.ANSWERED, Kind.RESUMED, Kind.ENDED) and since is not None:
            holds.append((since, max(since, event.at + offset)))
            since = None
    if since is not None and ended_at is not None and ended_at > since:
        holds.append((since, ended_at))
    return tuple(holds)


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as disjoint intervals in order; empty and inverted ones are nothing."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def clip(intervals: Iterable[Interval], within: Sequence[Interval]) -> list[Interval]:
    """What of `intervals` lies within the others."""
    return union((max(start, low), min(end, high)) for start, end in union(intervals) for low, high in within)


def length(intervals: Iterable[Interval]) -> float:
    """Seconds covered; the intervals must be disjoint."""
    return sum(end - start for start, end in intervals)
