"""From events to what screens hear: pops to the users whose phones ring, small hints to those who may see.

Bulk and replayed events are never news. A hint carries ids only: the client asks for what it shows.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.gate import Gate
from crm_chassis.metrics import GATE_SKIPS, counter
from crm_contracts import contacts, notifications
from crm_contracts.envelope import Envelope
from crm_contracts.graph import CALLS, FILES, NOTES
from crm_contracts.telephony import CALL_UPDATED, CallState

from crm_gateway.live.audience import Audience, Entitled, Named
from crm_gateway.live.hub import Hub
from crm_gateway.live.rules import OPENS_WITHIN, Change, Pop, Pops, Tell

_GATE = Gate(late_after=None)
_QUEUE = "gateway.live"
POPS = counter("pops", "Screen pops told, by change", ["change"])
for _change in get_args(Change):
    POPS.labels(_change)


class Feed:
    """What the listener feeds."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._pops = Pops()

    async def take(self, event: Envelope) -> None:
        """The event's pops and hints are said."""
        verdict = _GATE.judge(event, now())
        if verdict != "do":
            GATE_SKIPS.labels(_QUEUE, verdict).inc()
            return
        for tell in self._tells(event, now()):
            self._tell(tell)
        self._hub.say(*self._hint(event))

    def gap(self) -> None:
        """Events may have been missed: nothing known of calls holds any more, and every client loads anew."""
        self._pops = Pops()
        self._hub.gap()

    def tick(self, at: datetime) -> None:
        """What is over is forgotten: old calls, ended sessions' streams."""
        for tell in self._pops.forget(at):
            self._tell(tell)
        self._hub.end_expired(at)

    def pops_of(self, user_id: UUID) -> list[dict[str, Any]]:
        """What rings or talks at a user's phone now."""
        return [asdict(pop) for pop in self._pops.of(user_id)]

    def _tells(self, event: Envelope, at: datetime) -> list[Tell]:
        if event.type in CALLS:
            if at - event.time > OPENS_WITHIN:
                GATE_SKIPS.labels(_QUEUE, "expired").inc()
            return self._pops.call(CallState.model_validate(event.data), event.time, at)
        if event.type == contacts.CALL_LINKED:
            return self._pops.link(contacts.CallLinked.model_validate(event.data), at)
        return []

    def _hint(self, event: Envelope) -> tuple[str, dict[str, Any], Audience]:
        """The name, body and audience of an event's hint."""
        noun = event.subject.partition("/")[0]
        owner = _uuid(event.data.get("owner_id"))
        if event.type in CALLS or event.type == contacts.CALL_LINKED:
            # Both are news of the call, for whoever may see it by all that is known of it now.
            owner = self._pops.whose(UUID(event.data["call_id" if event.type == contacts.CALL_LINKED else "id"]))
        if event.type == CALL_UPDATED:
            owner = _uuid(event.data["responsible_user_id"]) or self._pops.whose(event.subject_id)
        body = {
            "type": event.type,
            "subject": noun,
            "id": event.subject_id,
            "version": event.sequence,
            "owner": owner,
        }
        if event.type == notifications.NOTICE_CREATED:
            user = _uuid(event.data.get("user_id"))
            return "notice", body | {"owner": user}, Named(frozenset({user} if user else ()))
        return "change", body, _audience(event, noun, owner)

    def _tell(self, tell: Tell) -> None:
        POPS.labels(tell.change).inc()
        self._hub.say("pop", _told(tell.change, tell.call_id, tell.pop), Named(frozenset({tell.user_id})))


def _audience(event: Envelope, noun: str, owner: UUID | None) -> Audience:
    """Who may hear of a change. Where it is not known whose the thing is, although it is somebody's: nobody."""
    if event.type == CALL_UPDATED and owner is None:
        return Named(frozenset())
    if event.type in (*NOTES, *FILES):
        # A deal is always somebody's: contacts may not have heard of it yet.
        somebodys = owner is None and event.data["subject"] == "deal"
        return Named(frozenset()) if somebodys else Entitled(event.data["subject"], owner)
    return Entitled("call" if event.type == contacts.CALL_LINKED else noun, owner)


def _told(change: str, call_id: UUID, pop: Pop | None) -> dict[str, Any]:
    return {"change": change, "call_id": call_id, "pop": asdict(pop) if pop else None}


def _uuid(value: object) -> UUID | None:
    return UUID(value) if isinstance(value, str) else None
