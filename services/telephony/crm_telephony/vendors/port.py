"""The port every PBX vendor is an adapter of: authenticate, read a webhook, word an order to dial.

Owns the canonical words in which the fold hears of a call. Adapters are pure: no network, clock or database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Refusal(StrEnum):
    """Why a webhook was not taken, as whoever connects the PBX needs to hear it."""

    NOT_SIGNED = "not_signed"
    BAD_SIGNATURE = "bad_signature"
    STALE = "stale"
    BAD_API_KEY = "bad_api_key"
    UNTRUSTED_NETWORK = "untrusted_network"
    UNREADABLE = "unreadable"
    EVENT_ID_REUSED = "event_id_reused"


class ForgedError(Exception):
    """The request is not from the PBX it claims to be, or too old to be believed."""

    def __init__(self, why: str, reason: Refusal = Refusal.BAD_SIGNATURE) -> None:
        super().__init__(why)
        self.reason = reason


class MalformedError(Exception):
    """The request is authentic and can not be read."""


class Kind(StrEnum):
    """What happened to a leg. HELD and RESUMED imply that it was answered."""

    RINGING = "ringing"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    ENDED = "ended"


class Party(StrEnum):
    """Who or what a leg reaches."""

    EXTENSION = "extension"
    PHONE = "phone"
    QUEUE = "queue"
    IVR = "ivr"


class Cause(StrEnum):
    """Why a leg or call ended, as far as it matters to a salesperson."""

    NORMAL = "normal"
    CALLER = "caller"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    ELSEWHERE = "elsewhere"
    FAILED = "failed"


Direction = Literal["in", "out", "internal"]


@dataclass(frozen=True, slots=True, order=True)
class Side:
    """One end of a leg as the PBX wrote it; empty text when it said nothing."""

    extension: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class LegSeen:
    """One event of one leg. `at` is the vendor's clock, `arrived` ours, both in seconds of the epoch.

    `seq` orders the events of a leg where the vendor numbers them, else 0 and `at` does. `taken_from` names the
    leg this one carries on (transfer, group, queue); a leg without it began the call and tells its direction.
    """

    kind: Kind
    leg: str
    at: float
    arrived: float
    seq: int = 0
    party: Party | None = None
    caller: Side = Side()
    callee: Side = Side()
    line: str = ""
    direction: Direction | None = None
    cause: Cause | None = None
    command_id: UUID | None = None
    taken_from: str = ""


@dataclass(frozen=True, slots=True)
class CallOver:
    """The whole call has ended. With `authority` (a vendor's final record) its times overrule the legs'.

    `talked_at` is when the talk began, None when there was none; only meaningful with `authority`.
    """

    at: float
    arrived: float
    authority: bool = False
    started_at: float | None = None
    talked_at: float | None = None
    caller: Side = Side()
    callee: Side = Side()
    line: str = ""
    direction: Direction | None = None
    cause: Cause | None = None


Seen = LegSeen | CallOver


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of our order to dial; `refusal` says why not."""

    command_id: UUID
    refusal: str | None


@dataclass(frozen=True, slots=True)
class RecordingTold:
    """A recording of the call is to be had, under the vendor's own key. `url` is empty where it is had by that key."""

    key: str
    url: str = ""
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """One webhook, read. Without a `call_key` it belongs to no call (an SMS receipt)."""

    event_key: str
    call_key: str | None = None
    seen: tuple[Seen, ...] = ()
    command: CommandResult | None = None
    recording: RecordingTold | None = None


class Secrets(BaseModel):
    """What a connection shares with its PBX. Kept encrypted; never in an answer, a log or an event."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    api_key: str = ""
    salt: str = ""
    hook_secret: str = ""
    hook_api_key: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A webhook as it came to the edge: header names in lower case, body untouched."""

    path: str
    body: bytes
    arrived_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    remote_ip: str | None = None


@dataclass(frozen=True, slots=True)
class DialOrder:
    """Ring our extension, then the customer."""

    command_id: UUID
    extension: str
    to_e164: str
    line: str | None


@dataclass(frozen=True, slots=True)
class DialRequest:
    """The HTTP POST that asks for it."""

    url: str
    form: Mapping[str, str]


class Vendor(Protocol):
    """One kind of PBX."""

    name: str
    answer_body: str
    answer_content_type: str
    needs: tuple[str, ...]

    def authenticate(self, request: HookRequest, secrets: Secrets, networks: Sequence[str]) -> None:
        """Return when the raw request is authentic and fresh; raise ForgedError else. Parses no JSON."""
        ...

    def payload(self, body: bytes) -> bytes:
        """The signed part of a raw body: what two deliveries of one event have in common."""
        ...

    def keepable(self, body: bytes) -> bytes:
        """The body without the secrets its sender shows in it; its payload is the same byte for byte."""
        ...

    def parse(self, path: str, payload: bytes, arrived: float) -> Parsed:
        """What the webhook says; raises MalformedError."""
        ...

    def recording_url(self, told: RecordingTold, secrets: Secrets, api_url: str | None, at: datetime) -> str:
        """Where the recording can be had at this moment; empty when the connection does not say enough."""
        ...


class Dialler(Protocol):
    """A PBX that takes orders to call."""

    def dial(self, order: DialOrder, secrets: Secrets, api_url: str) -> DialRequest:
        """The request that starts a call."""
        ...

    def dial_refusal(self, status: int, body: bytes) -> str | None:
        """Why the PBX refused, or None when it took the order; raises MalformedError when that can not be told."""
        ...
