"""Screen pops: who sees which call ring, from facts that come in any order, twice or late. Pure: time is an argument.

Owns the pop of a call; must never know how it reaches a screen. A pop is a view of the newest state of the call
and the newest link of its card; what to tell is the difference between the view before and after, so the order
of arrival can not matter.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from crm_contracts.contacts import CallLinked
from crm_contracts.telephony import CallState

OPENS_WITHIN = timedelta(seconds=60)
ENDED_REMEMBERED = timedelta(minutes=2)
REMEMBERED = timedelta(hours=2)
MAX_CALLS = 10_000

Change = Literal["opened", "updated", "closed"]


@dataclass(frozen=True, slots=True)
class Pop:
    """What a user's screen shows of a call. `person_certain` is false while the card is telephony's hint."""

    call_id: UUID
    status: Literal["ringing", "talking"]
    phone: str | None
    line: str | None
    started_at: datetime
    person_id: UUID | None
    person_name: str | None
    person_certain: bool
    person_created: bool
    answered_by: UUID | None
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Tell:
    """One user's screen must open, update or close the pop of a call; `pop` is None on close."""

    user_id: UUID
    change: Change
    call_id: UUID
    pop: Pop | None


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest call state and the newest link; `fresh` once a ring came within 60 s of happening."""

    seen_at: datetime
    call: CallState | None = None
    link: CallLinked | None = None
    fresh: bool = False

    @property
    def remembered(self) -> timedelta:
        """How long this stays known after it was last heard of."""
        ended = self.call is not None and self.call.phase == "ended"
        return ENDED_REMEMBERED if ended else REMEMBERED

    def view(self) -> dict[UUID, Pop]:
        """Who sees what now."""
        call = self.call
        if call is None or not self.fresh or call.direction != "in" or call.phase in ("requested", "ended"):
            return {}
        talking = call.phase == "talking"
        if talking:
            users = [call.answered_by] if call.answered_by else []
        else:
            users = call.ringing_user_ids or [call.fallback_user_id]
        link = self.link
        pop = Pop(
            call_id=call.id,
            status="talking" if talking else "ringing",
            phone=call.pii.phone or call.pii.phone_raw or None,
            line=call.line,
            started_at=call.started_at,
            person_id=link.person_id if link else call.person_hint_id,
            person_name=link.pii.person_name if link else None,
            person_certain=link is not None,
            person_created=link.created if link else False,
            answered_by=call.answered_by,
            correlation_id=call.correlation_id,
        )
        return dict.fromkeys(users, pop)


def _difference(call_id: UUID, before: dict[UUID, Pop], after: dict[UUID, Pop]) -> list[Tell]:
    tells = [Tell(user, "closed", call_id, None) for user in before if user not in after]
    for user, pop in after.items():
        if user not in before:
            tells.append(Tell(user, "opened", call_id, pop))
        elif before[user] != pop:
            tells.append(Tell(user, "updated", call_id, pop))
    return tells


@dataclass(slots=True)
class Pops:
    """The pops of all calls under way.

    Forgets an ended call two minutes and any other two hours after it was last heard of: longer than an old ring
    could still open a pop.
    """

    _calls: "OrderedDict[UUID, _Known]" = field(default_factory=OrderedDict)
    _shown: dict[UUID, dict[UUID, Pop]] = field(default_factory=dict)

    def call(self, call: CallState, happened_at: datetime, now: datetime) -> list[Tell]:
        """What to tell after a fact about a call; an older one than known tells nothing.

        A call of which nothing was heard within 60 s of happening is shown to nobody.
        """
        known = self._calls.get(call.id) or _Known(now)
        if known.call is not None and known.call.version >= call.version:
            return []
        fresh = known.fresh or now - happened_at <= OPENS_WITHIN
        return self._become(call.id, replace(known, seen_at=now, call=call, fresh=fresh))

    def link(self, link: CallLinked, now: datetime) -> list[Tell]:
        """What to tell after a call found its card; before its ring it is only kept."""
        known = self._calls.get(link.call_id) or _Known(now)
        if known.link is not None and known.link.version >= link.version:
            return []
        return self._become(link.call_id, replace(known, seen_at=now, link=link))

    def of(self, user_id: UUID) -> list[Pop]:
        """The pops a user sees now, the oldest call first."""
        mine = [view[user_id] for view in self._shown.values() if user_id in view]
        return sorted(mine, key=lambda pop: (pop.started_at, pop.call_id))

    def whose(self, call_id: UUID) -> UUID | None:
        """Whose a call is by what is known now: who spoke or dialled, else whoever has its card, as at its owner's."""
        known = self._calls.get(call_id)
        if known is None:
            return None
        spoke = known.call.responsible_user_id if known.call is not None else None
        return spoke or (known.link.owner_id if known.link is not None else None)

    def forget(self, now: datetime) -> list[Tell]:
        """Drops calls not heard of for long; closes what they still showed."""
        old = [call_id for call_id, known in self._calls.items() if now - known.seen_at > known.remembered]
        return [tell for call_id in old for tell in self._drop(call_id)]

    def _become(self, call_id: UUID, known: _Known) -> list[Tell]:
        self._calls[call_id] = known
        self._calls.move_to_end(call_id)
        tells = self._show(call_id, known.view())
        if len(self._calls) > MAX_CALLS:
            tells += self._drop(next(iter(self._calls)))
        return tells

    def _drop(self, call_id: UUID) -> list[Tell]:
        del self._calls[call_id]
        return self._show(call_id, {})

    def _show(self, call_id: UUID, after: dict[UUID, Pop]) -> list[Tell]:
        before = self._shown.pop(call_id, {})
        if after:
            self._shown[call_id] = after
        return _difference(call_id, before, after)
