"""Which call-backs a phone number needs, from what is known of its calls.

Owns two order-free folds: events → facts of one call, and calls → call-backs of one phone. Any order and any
repetition of the same events gives the same result. Must never know a database, a clock or a task's row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

OwnerSource = Literal["rule", "answer", "human"]


@dataclass(frozen=True, slots=True)
class Report:
    """What one telephony event says of a call: newest `sequence` wins.

    `missed` means nobody talked to a caller who rang; `talk_at` is when a conversation began, `ended_at` when the
    call was over. A call without a `phone` (hidden number) asks for nothing.
    """

    sequence: int
    phone: str | None
    started_at: datetime
    ended_at: datetime | None
    talk_at: datetime | None
    missed: bool
    ringing_user_ids: tuple[UUID, ...]
    responsible_user_id: UUID | None
    fallback_user_id: UUID
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Link:
    """Whose call it is, as contacts last said; newest `sequence` wins."""

    sequence: int
    person_id: UUID
    person_name: str
    owner_id: UUID
    owner_source: OwnerSource


@dataclass(frozen=True, slots=True)
class Call:
    """All that is known of a call. `was_missed` stays true though a later event says otherwise."""

    id: UUID
    report: Report | None = None
    link: Link | None = None
    was_missed: bool = False

    def reported(self, report: Report) -> "Call":
        """The call after one more telephony event."""
        newest = self.report is None or report.sequence > self.report.sequence
        return replace(
            self,
            report=report if newest else self.report,
            was_missed=self.was_missed or report.missed,
        )

    def linked(self, link: Link) -> "Call":
        """The call after one more word from contacts."""
        newest = self.link is None or link.sequence > self.link.sequence
        return replace(self, link=link if newest else self.link)


@dataclass(frozen=True, slots=True)
class Handled:
    """A person ticked off a call-back of this phone: the misses up to then are dealt with, and `call_id` surely."""

    call_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class CallBack:
    """One call-back a phone needs or needed: for its misses from one conversation to the next.

    `call_id` is the first of the misses and names it for ever; `calls` are all of them. `closed_at` is when it was
    settled: by a conversation that began after the misses rang, by a person, or by a correction of the call.
    """

    call_id: UUID
    calls: tuple[UUID, ...]
    phone: str
    missed_at: datetime
    closed_at: datetime | None
    owner_id: UUID
    person_id: UUID | None
    person_name: str | None
    correlation_id: UUID

    @property
    def misses(self) -> int:
        """How many calls it answers for."""
        return len(self.calls)


def owner_of(calls: Sequence[tuple[Report, Link | None]]) -> UUID:
    """Who calls back: the newest linked owner; else the first who rang, the responsible user, the line's fallback."""
    for _, link in reversed(calls):
        if link:
            return link.owner_id
    first = calls[0][0]
    if first.ringing_user_ids:
        return first.ringing_user_ids[0]
    return first.responsible_user_id or first.fallback_user_id


def call_backs(calls: Iterable[Call], handled: Iterable[Handled] = ()) -> list[CallBack]:
    """The call-backs of one phone, oldest first; at most one of them is open.

    Misses are ordered by when they rang. A conversation settles every miss that rang before it began, so that a
    customer who reached us on another line in the same minute is not called again. A miss that a later event took
    back is a call-back of its own, closed.
    """
    known = {call.id: (call, call.report) for call in calls if call.report and call.report.phone}
    settled = [report.talk_at for _, report in known.values() if report.talk_at]
    for tick in handled:
        found = known.get(tick.call_id)
        settled.append(max(tick.at, found[1].started_at) if found else tick.at)
    settled.sort()

    needed: list[CallBack] = []
    together: dict[datetime | None, list[tuple[Call, Report]]] = {}
    missed = [(call, report) for call, report in known.values() if call.was_missed]
    for call, report in sorted(missed, key=lambda pair: (pair[1].started_at, pair[0].id)):
        if report.missed:
            settled_at = next((at for at in settled if at >= report.started_at), None)
            together.setdefault(settled_at, []).append((call, report))
        else:
            taken_back = report.talk_at or report.ended_at or report.started_at
            needed.append(_call_back([(call, report)], taken_back))
    needed.extend(_call_back(group, settled_at) for settled_at, group in together.items())
    return sorted(needed, key=lambda call_back: (call_back.missed_at, call_back.call_id))


def _call_back(group: list[tuple[Call, Report]], closed_at: datetime | None) -> CallBack:
    first, report = group[0]
    assert report.phone is not None
    link = next((call.link for call, _ in reversed(group) if call.link), None)
    return CallBack(
        call_id=first.id,
        calls=tuple(call.id for call, _ in group),
        phone=report.phone,
        missed_at=report.ended_at or report.started_at,
        closed_at=closed_at,
        owner_id=owner_of([(told, call.link) for call, told in group]),
        person_id=link.person_id if link else None,
        person_name=link.person_name if link else None,
        correlation_id=report.correlation_id,
    )


@dataclass(frozen=True, slots=True)
class Match:
    """What to do about tasks: `task_id` null makes a new one; `call_back` null closes one nothing asks for now."""

    task_id: UUID | None
    call_back: CallBack | None


def matched(needed: Sequence[CallBack], tasks: Sequence[tuple[UUID, UUID]]) -> list[Match]:
    """Each needed call-back with the task that stands for it; `tasks` are (task id, call id), oldest first.

    A task stands for the call-back that holds its call; the one named by the first miss is preferred. Closings
    come before openings, so that a phone never has two open call-backs on the way.
    """
    free = dict(tasks)
    matches: list[Match] = []
    for call_back in needed:
        fitting = [task for task, call in free.items() if call in call_back.calls]
        exact = [task for task in fitting if free[task] == call_back.call_id]
        task_id = next(iter(exact or fitting), None)
        if task_id:
            del free[task_id]
        matches.append(Match(task_id, call_back))
    closing = [Match(task_id, None) for task_id in free]
    return closing + sorted(matches, key=lambda match: not (match.call_back and match.call_back.closed_at))
