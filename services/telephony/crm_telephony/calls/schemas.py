"""Calls as the API shows them."""

from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.moments import Moment
from crm_chassis.paging import ListQuery
from crm_chassis.patches import without_null
from crm_chassis.text import MultiLine
from crm_contracts.telephony import Direction, Outcome, Phase, RecordingFault, RecordingStanding, Result
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

CommandState = Literal["queued", "submitting", "accepted", "refused", "uncertain"]


class CallsQuery(ListQuery):
    """Filters of a list of calls. Calls inside the company are listed only when asked for by direction."""

    direction: Direction | None = None
    result: Result | None = None
    phase: Phase | None = None
    outcome: Outcome | None = None
    responsible_user_id: UUID | None = None
    person_id: UUID | None = None
    phone: Annotated[str | None, Field(max_length=64, pattern=r"^[\x20-\x7e]+$")] = None
    phone_prefix: Annotated[str | None, Field(pattern=r"^\+[0-9]{1,15}$", description="E.164, its beginning")] = None
    phone_suffix: Annotated[str | None, Field(pattern=r"^[0-9]{2,15}$", description="The last digits")] = None
    missed: Annotated[bool | None, Field(description="Calls that nobody took, in a queue or menu too")] = None
    called_back: Annotated[bool | None, Field(description="Missed ones: has anybody called back")] = None
    recorded: Annotated[bool | None, Field(description="Calls with a recording to hear")] = None
    started_from: Moment | None = None
    started_before: Moment | None = None


class CallPatch(BaseModel):
    """A JSON merge patch: what came of the call. null takes the outcome back; the note is plain text."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome | None = None
    outcome_note: Annotated[MultiLine, StringConstraints(max_length=2_000)] = ""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return without_null(handler.resolve_ref_schema(handler(core)), {"outcome"})


class Command(BaseModel):
    """What became of the order to dial. `uncertain`: the PBX did not answer; the phone may have rung."""

    id: UUID
    state: CommandState
    reason: str | None


class Leg(BaseModel):
    """One leg of a call; `end` is null while it lasts."""

    vendor_leg_id: str
    party: Literal["extension", "phone", "queue", "ivr"]
    extension: str | None
    user_id: UUID | None
    number: str | None
    began_at: AwareDatetime
    answered_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    end: Literal["answered", "elsewhere", "no_answer", "declined", "busy", "failed"] | None


class Recording(BaseModel):
    """How a call's recording stands: on its way, to be heard, or not to be had, and then `reason` says why."""

    state: RecordingStanding
    duration_s: int | None
    reason: RecordingFault | None


class Call(BaseModel):
    """A call. Durations are whole seconds; `phone` is E.164, null when hidden or no valid number.

    `result` is how the PBX saw it end, `outcome` what a person says came of it. `called_back_at` is, of a missed
    call, when somebody first talked with that number since. `recording` is null when the PBX told of none.
    `person_name` is as on the card, for who may see the card.
    """

    id: UUID
    connection_id: UUID
    origin: Literal["pbx", "api", "past"]
    direction: Direction
    phase: Phase
    result: Result | None
    line: str | None
    hidden: bool
    phone: str | None
    phone_raw: str
    person_hint_id: UUID | None
    person_name: str | None
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
    outcome: Outcome | None
    outcome_note: str
    outcome_by: UUID | None
    outcome_at: AwareDatetime | None
    recording: Recording | None
    called_back_at: AwareDatetime | None
    command: Command | None
    correlation_id: UUID
    version: int


class CallWithLegs(Call):
    """A call with its legs in the order they began."""

    legs: list[Leg]
