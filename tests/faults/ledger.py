"""What the outside world was promised: everything acknowledged with a 2xx, and what must therefore exist.

Owns its own small idea of what a call comes to, written apart from telephony's fold. Knows no database.
"""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid4

EXTENSIONS = ("100", "101", "102")


@dataclass(slots=True)
class PlannedCall:
    """One inbound call as its PBX tells it: `webhooks` by event id, all of which must be acknowledged in the end."""

    phone: str
    began_at: float
    rings: tuple[str, ...]
    talk_s: int
    call_id: str = field(default_factory=lambda: f"pbx-{uuid4().hex[:16]}")
    ring_s: float = 0.6
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)

    @property
    def is_answered(self) -> bool:
        """Whether somebody talked."""
        return self.talk_s > 0

    @property
    def result(self) -> str:
        """What telephony must say of it once all of it was told."""
        return "answered" if self.is_answered else "missed"

    def script(self) -> list[tuple[float, dict[str, Any]]]:
        """(time, event) in the order of events; the same ids whenever asked."""
        if not self.webhooks:
            told = [("call.ringing", self.began_at + 0.01 * n, ext) for n, ext in enumerate(self.rings)]
            if self.is_answered:
                told.append(("call.answered", self.began_at + self.ring_s, self.rings[0]))
            told.append(("call.ended", self.began_at + self.ring_s + self.talk_s, ""))
            for name, at, extension in told:
                event = {"event": name, "event_id": str(uuid4()), "call_id": self.call_id, "ts": at}
                event |= {"direction": "in", "from": self.phone, "to": extension or self.rings[0]}
                if extension:
                    event["extension"] = extension
                self.webhooks[str(event["event_id"])] = event
        return [(event["ts"], event) for event in self.webhooks.values()]


@dataclass(slots=True)
class Caller:
    """A phone number and its calls in the order in which they happened. `person_id` of a card made before them."""

    phone: str
    person_id: UUID | None = None
    deal_ids: list[UUID] = field(default_factory=list)
    calls: list[PlannedCall] = field(default_factory=list)

    @property
    def open_misses(self) -> int:
        """How many misses nobody has answered: those after the last conversation. What the call-back must count."""
        count = 0
        for call in self.calls:
            count = 0 if call.is_answered else count + 1
        return count


@dataclass(slots=True)
class Acknowledged:
    """A row the API said it made. `fields` are what it must say now."""

    id: UUID
    marker: str
    fields: dict[str, Any] = field(default_factory=dict)
    stages: list[UUID] = field(default_factory=list)


Noun = Literal["person", "deal", "task", "message"]


@dataclass
class Ledger:
    """Grows from one fault to the next; the auditor holds all of it against the databases each time."""

    connection_id: UUID
    extensions: dict[str, UUID]
    callers: dict[str, Caller] = field(default_factory=dict)
    made: dict[Noun, dict[UUID, Acknowledged]] = field(
        default_factory=lambda: {"person": {}, "deal": {}, "task": {}, "message": {}}
    )
    merged: dict[UUID, UUID] = field(default_factory=dict)
    markers: dict[str, Noun] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)

    @property
    def calls(self) -> list[PlannedCall]:
        """Every call of every caller."""
        # A copy: the world's thread brings callers while a test counts.
        return [call for caller in list(self.callers.values()) for call in caller.calls]

    @property
    def webhooks(self) -> int:
        """How many different webhooks were acknowledged."""
        return sum(len(call.acknowledged) for call in self.calls)
