"""Calls as the API shows them."""

from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.moments import Moment
from crm_chassis.paging import ListQuery
from crm_contracts.telephony import Direction, Phase, Result
from pydantic import AwareDatetime, BaseModel, Field

CommandState = Literal["queued", "submitting", "accepted", "refused", "uncertain"]


class CallsQuery(ListQuery):
    """Filters of a list of calls. Calls inside the company are listed only when asked for by direction."""

    direction: Direction | None = None
    result: Result | None = None
    phase: Phase | None = None
    responsible_user_id: UUID | None = None
    person_id: UUID | None = None
    phone: Annotated[str | None, Field(max_length=64, pattern=r"^[\x20-\x7e]+$")] = None
    started_from: Moment | None = None
    started_before: Moment | None = None


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


class Call(BaseModel):
    """A call. Durations are whole seconds; `phone` is E.164, null when hidden or no valid number."""

    id: UUID
    connection_id: UUID
    origin: Literal["pbx", "api"]
    direction: Direction
    phase: Phase
    result: Result | None
    line: str | None
    hidden: bool
    phone: str | None
    phone_raw: str
    person_hint_id: UUID | None
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
    command: Command | None
    correlation_id: UUID
    version: int


class CallWithLegs(Call):
    """A call with its legs in the order they began."""

    legs: list[Leg]
