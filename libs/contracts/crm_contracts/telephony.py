"""Events of telephony: facts about calls and their recordings, and the PBX tokens the gateway must know."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from crm_contracts.base import Body, Pii, State

CALL_RANG = "telephony.call.rang.v1"
CALL_ANSWERED = "telephony.call.answered.v1"
CALL_ENDED = "telephony.call.ended.v1"
CALL_MISSED = "telephony.call.missed.v1"
CALL_UPDATED = "telephony.call.updated.v1"
RECORDING_STORED = "telephony.recording.stored.v1"
RECORDING_FAILED = "telephony.recording.failed.v1"
CONNECTION_CHANGED = "telephony.connection.changed.v1"

Direction = Literal["in", "out", "internal"]
Phase = Literal["requested", "ringing", "talking", "ended"]
Result = Literal[
    "answered",
    "missed",
    "abandoned_in_queue",
    "abandoned_in_ivr",
    "voicemail",
    "busy",
    "no_answer",
    "cancelled",
    "failed",
    "unknown",
]
Outcome = Literal["reached", "left_message", "no_answer", "wrong_number", "not_interested", "booked"]
RecordingStanding = Literal["pending", "stored", "failed", "absent"]
RecordingFault = Literal[
    "unreachable", "refused", "not_there", "forbidden_address", "too_large", "too_slow", "broken_off", "not_audio"
]
MISSED_RESULTS: frozenset[str] = frozenset({"missed", "abandoned_in_queue", "abandoned_in_ivr", "voicemail"})


class CallPii(Pii):
    """The customer's number: E.164 when valid, and as the PBX wrote it; and what somebody wrote of the call."""

    phone: str | None
    phone_raw: str
    outcome_note: str = ""


class CallRecording(Body):
    """How a call's recording stands: on its way, kept, given up, or nowhere to be had; `reason` says why not."""

    state: RecordingStanding
    duration_s: int | None
    reason: RecordingFault | None


class CallState(State):
    """A call after a change of its state. Durations are whole seconds.

    `missed` is sent instead of `ended` when the result is one of MISSED_RESULTS; a later correction
    (late events) is sent again as `ended` or `missed` with a higher sequence. `updated` tells what a person said
    came of it (`outcome`, which no PBX knows), and how its recording stands. A call of origin `past` was taken over
    from an old system, when it was over long since: its `person_hint_id` is its customer.
    """

    id: UUID
    connection_id: UUID
    vendor_call_id: str
    direction: Direction
    phase: Phase
    result: Result | None
    line: str | None
    hidden: bool
    started_at: AwareDatetime
    answered_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    ring_s: int
    talk_s: int
    hold_s: int
    queue_s: int
    ringing_user_ids: list[UUID]
    answered_by: UUID | None
    responsible_user_id: UUID | None
    line_team_id: UUID | None
    fallback_user_id: UUID
    origin: Literal["pbx", "api", "past"]
    command_id: UUID | None
    person_hint_id: UUID | None
    outcome: Outcome | None = None
    outcome_by: UUID | None = None
    outcome_at: AwareDatetime | None = None
    recording: CallRecording | None = None
    correlation_id: UUID
    version: int
    pii: CallPii


class RecordingState(State):
    """A recording once it is kept, or given up: nothing about where the PBX has it.

    `call_id` is null as long as nothing else was heard of its call. `failed` is told with the state `failed`, or
    `absent` when the PBX says to the last that there is none.
    """

    id: UUID
    connection_id: UUID
    call_id: UUID | None
    state: RecordingStanding
    reason: RecordingFault | None
    mime: str | None
    duration_s: int | None
    bytes: int | None
    sha256: str | None
    attempts: int
    correlation_id: UUID
    version: int


class ConnectionState(State):
    """A PBX connection as the gateway needs it: its path token hashed, and what the vendor expects back."""

    id: UUID
    token_sha256: str
    vendor: str
    answer_body: str
    answer_content_type: str
    active: bool
    version: int
