"""A call is the fold of what its PBX told about it, in whatever order and however often it came.

Owns: phase, result, durations, who answered. Pure: given a set of sightings it returns the same call for every
permutation and repetition of them (no "last write wins": every value is a minimum, a maximum, the first by the
vendor's own order, or a union of intervals). Must never know a vendor, a user, a database or a clock.
Times in and out are seconds of the epoch; durations are whole seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from crm_contracts.telephony import Direction, Phase, Result

from crm_telephony.calls.legs import Leg, LegEnd, clip, first_of, legs_of, length, union
from crm_telephony.vendors.port import CallOver, Cause, LegSeen, Party, Seen

SKEW_S = 5
"""A PBX clock further off is not believed for the time of day, only for durations (telephony.md §2.3.9)."""

Closing = Literal["settled", "swept"]


@dataclass(frozen=True, slots=True)
class Ordered:
    """A call we asked for ourselves: it is outbound, whoever the PBX rings first."""

    extension: str
    to_number: str
    requested_at: float
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """An extension and since when it was involved."""

    extension: str
    at: float


@dataclass(frozen=True, slots=True)
class Folded:
    """The call as far as it is known. `rung` is in the order of ringing and never shrinks."""

    direction: Direction
    phase: Phase
    result: Result | None
    line: str
    client: str
    caller: str
    started_at: float
    answered_at: float | None
    ended_at: float | None
    ring_s: int
    talk_s: int
    hold_s: int
    queue_s: int
    rung: tuple[Ring, ...]
    person_rang: bool
    answered_by: Ring | None
    responsible: Ring | None
    legs: tuple[Leg, ...]
    all_legs_ended: bool
    clock_offset: float


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the questions below are asked of."""

    direction: Direction
    legs: Sequence[Leg]
    talking: Sequence[Leg]
    overs: Sequence[CallOver]
    final: CallOver | None
    ordered: Ordered | None
    offset: float

    @property
    def causes(self) -> set[Cause | None]:
        return {over.cause for over in self.overs} | {leg.cause for leg in self.legs}


def fold(seen: Iterable[Seen], *, ordered: Ordered | None = None, closed: Closing | None = None) -> Folded:
    """The call that `seen` tells of. `closed` says that we stopped waiting for its end."""
    known = set(seen)
    facts = _facts(known, ordered)
    legs = facts.legs
    refused = ordered is not None and ordered.refused and not known
    is_over = bool(facts.overs) or closed is not None or refused
    all_ended = bool(legs) and all(leg.ended_at is not None for leg in legs)

    started_at = _started_at(facts)
    last = max([leg.ended_at or leg.answered_at or leg.began_at for leg in legs], default=started_at)
    ended_at = _ended_at(facts, last) if is_over else None
    until = last if ended_at is None else ended_at
    answered_at = _answered_at(facts)
    talk = union((leg.answered_at or 0.0, leg.ended_at or until) for leg in facts.talking)
    rung = _rung(facts)
    person_rang = bool(rung) or (facts.direction == "in" and any(leg.is_person for leg in legs))
    answered_by, responsible = _speakers(facts) if answered_at is not None else (None, None)
    result: Result | None = None
    if refused:
        result = "failed"
    elif is_over:
        end_known = bool(facts.overs) or all_ended or closed == "settled"
        result = _result(facts, answered_at is not None, person_rang) if end_known else "unknown"
    return Folded(
        direction=facts.direction,
        phase=_phase(is_over, bool(known), answered_at is not None),
        result=result,
        line=first_of([leg.line for leg in legs] + [over.line for over in facts.overs]),
        client=_client(facts),
        caller=_caller(facts),
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        ring_s=_ring_s(facts, answered_at, ended_at),
        talk_s=round(_final_talk(facts.final) if facts.final else length(talk)),
        hold_s=round(length(clip([hold for leg in facts.talking for hold in leg.held], talk))),
        queue_s=round(_queued(legs, until if answered_at is None else min(until, answered_at))),
        rung=rung,
        person_rang=person_rang,
        answered_by=answered_by,
        responsible=responsible,
        legs=tuple(replace(leg, end=_leg_end(leg, facts.talking)) for leg in legs),
        all_legs_ended=all_ended,
        clock_offset=facts.offset,
    )


def _facts(known: set[Seen], ordered: Ordered | None) -> _Facts:
    # Our clock less the PBX's, by the promptest delivery; nothing when they agree well enough.
    smallest = min((item.arrived - item.at for item in known), default=0.0)
    offset = smallest if abs(smallest) > SKEW_S else 0.0
    overs = sorted((item for item in known if isinstance(item, CallOver)), key=repr)
    legs = legs_of((item for item in known if isinstance(item, LegSeen)), offset)
    direction = _direction(legs, overs, ordered)
    return _Facts(
        direction=direction,
        legs=legs,
        talking=[leg for leg in legs if leg.answered_at is not None and _is_talk(leg, direction)],
        overs=overs,
        final=next((over for over in overs if over.authority), None),
        ordered=ordered,
        offset=offset,
    )


def _direction(legs: Sequence[Leg], overs: Sequence[CallOver], ordered: Ordered | None) -> Direction:
    """Ours is outbound; else the final record says; else the legs that began the call do."""
    if ordered is not None:
        return "out"
    authority = {over.direction for over in overs if over.authority}
    roots = {leg.direction for leg in legs if not leg.taken_from}
    others = {leg.direction for leg in legs} | {over.direction for over in overs}
    order: tuple[Direction, ...] = ("in", "out", "internal")
    for told in (authority, roots, others):
        for direction in order:
            if direction in told:
                return direction
    return "in"


def _is_talk(leg: Leg, direction: Direction) -> bool:
    """On this leg the customer (or, inside, the colleague) is spoken to.

    Of an outbound call that is the leg to the customer, and one that hands the customer to a colleague; not the
    one that rings the caller's own desk first.
    """
    if direction == "in":
        return leg.is_person
    if direction == "internal":
        return leg.party is Party.EXTENSION
    handed_over = leg.party is Party.EXTENSION and bool(leg.taken_from and leg.caller_number)
    return leg.party is Party.PHONE or handed_over


def _started_at(facts: _Facts) -> float:
    if facts.ordered is not None:
        return facts.ordered.requested_at
    told = [over.started_at + facts.offset for over in facts.overs if over.started_at is not None]
    seen = [leg.began_at for leg in facts.legs] or [over.at + facts.offset for over in facts.overs]
    return min(told or seen, default=0.0)


def _ended_at(facts: _Facts, last: float) -> float:
    if facts.final is not None:
        return facts.final.at + facts.offset
    return min([over.at + facts.offset for over in facts.overs], default=last)


def _answered_at(facts: _Facts) -> float | None:
    """The final record outweighs the legs, also when it says that nobody talked."""
    if facts.final is not None:
        return None if facts.final.talked_at is None else facts.final.talked_at + facts.offset
    return min((leg.answered_at for leg in facts.talking if leg.answered_at is not None), default=None)


def _final_talk(final: CallOver) -> float:
    return 0.0 if final.talked_at is None else max(0.0, final.at - final.talked_at)


def _queued(legs: Sequence[Leg], until: float) -> float:
    queues = (leg for leg in legs if leg.party is Party.QUEUE)
    return length(union((leg.began_at, min(until, leg.ended_at or until)) for leg in queues))


def _ring_s(facts: _Facts, answered_at: float | None, ended_at: float | None) -> int:
    since = min((leg.began_at for leg in facts.legs if _is_talk(leg, facts.direction)), default=None)
    until = ended_at if answered_at is None else answered_at
    return 0 if since is None or until is None else max(0, round(until - since))


def _rung(facts: _Facts) -> tuple[Ring, ...]:
    """Whose phones rang, first ring first. The final record names who missed it when no leg was seen."""
    rings = [(leg.began_at, leg.extension) for leg in facts.legs if leg.party is Party.EXTENSION]
    if not rings and facts.direction == "in":
        rings = [
            ((over.at if over.started_at is None else over.started_at) + facts.offset, over.callee.extension)
            for over in facts.overs
        ]
    since: dict[str, float] = {}
    for at, extension in sorted(rings):
        if extension:
            since.setdefault(extension, at)
    return tuple(Ring(extension, at) for extension, at in since.items())


def _speakers(facts: _Facts) -> tuple[Ring | None, Ring | None]:
    """(who answered first, who spoke last) on our side; of an outbound call both begin with who dialled."""
    spoke = [(leg, extension) for leg in facts.talking if (extension := _our_extension(leg, facts))]
    if spoke:
        first = min(spoke, key=lambda item: (item[0].answered_at or 0.0, item[1]))
        last = max(spoke, key=lambda item: (item[0].ended_at or float("inf"), item[0].answered_at or 0.0, item[1]))
        return Ring(first[1], first[0].began_at), Ring(last[1], last[0].began_at)
    final = facts.final
    if final is None:
        return None, None
    extension = final.callee.extension if facts.direction == "in" else final.caller.extension
    if facts.ordered is not None:
        extension = facts.ordered.extension
    ring = Ring(extension, (final.talked_at or final.at) + facts.offset) if extension else None
    return ring, ring


def _our_extension(leg: Leg, facts: _Facts) -> str:
    if leg.party is Party.EXTENSION or facts.direction != "out":
        return leg.extension
    return facts.ordered.extension if facts.ordered is not None else leg.caller_extension


def _phase(is_over: bool, anything_seen: bool, answered: bool) -> Phase:
    """By rank, never back: a late "ringing" does not reopen an ended call."""
    if is_over:
        return "ended"
    if not anything_seen:
        return "requested"
    return "talking" if answered else "ringing"


def _result(facts: _Facts, answered: bool, person_rang: bool) -> Result:
    if answered:
        return "answered"
    if facts.direction == "in":
        return _inbound_result(facts, person_rang)
    causes = facts.causes
    if Cause.BUSY in causes or Cause.DECLINED in causes:
        return "busy"
    if Cause.FAILED in causes:
        return "failed"
    parties = {leg.party for leg in facts.legs}
    never_dialled = facts.direction == "out" and bool(parties) and Party.PHONE not in parties
    return "cancelled" if never_dialled or Cause.CALLER in causes else "no_answer"


def _inbound_result(facts: _Facts, person_rang: bool) -> Result:
    parties = {leg.party for leg in facts.legs}
    if person_rang:
        return "missed"
    if Party.QUEUE in parties:
        return "abandoned_in_queue"
    if Party.IVR in parties:
        return "abandoned_in_ivr"
    return "failed" if Cause.FAILED in facts.causes else "missed"


def _client(facts: _Facts) -> str:
    """The customer's number as written; empty when hidden, or for a call inside."""
    if facts.ordered is not None:
        return facts.ordered.to_number
    if facts.direction == "internal":
        return ""
    callers = [leg.caller_number for leg in facts.legs]
    if facts.direction == "in":
        return first_of(callers + [over.caller.number for over in facts.overs])
    dialled = [leg.number for leg in facts.legs if leg.party is Party.PHONE]
    return first_of(dialled + [over.callee.number for over in facts.overs] + callers)


def _caller(facts: _Facts) -> str:
    """The extension of ours that placed the call; empty for an inbound one."""
    if facts.ordered is not None:
        return facts.ordered.extension
    if facts.direction == "in":
        return ""
    return first_of([leg.caller_extension for leg in facts.legs] + [over.caller.extension for over in facts.overs])


def _leg_end(leg: Leg, talking: Sequence[Leg]) -> LegEnd | None:
    """What became of a leg: unanswered ones beside an answered one are "elsewhere", no misses."""
    if leg.ended_at is None:
        return None
    if leg.answered_at is not None:
        return "answered"
    ends: dict[Cause | None, LegEnd] = {
        Cause.BUSY: "busy",
        Cause.DECLINED: "declined",
        Cause.FAILED: "failed",
        Cause.ELSEWHERE: "elsewhere",
    }
    return ends.get(leg.cause) or ("elsewhere" if talking else "no_answer")
