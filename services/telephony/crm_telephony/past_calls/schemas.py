"""Calls of an old system as the API takes them."""

from typing import Annotated, Literal, Self
from uuid import UUID

from crm_chassis.moments import Moment
from crm_chassis.text import MultiLine, OneLine
from crm_contracts.telephony import Outcome
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

PastResult = Literal["answered", "missed", "busy", "no_answer", "cancelled", "failed"]
MOST = 500
_A_DAY_S = 86_400
_ENDS: dict[str, frozenset[PastResult]] = {
    "in": frozenset({"answered", "missed", "failed"}),
    "out": frozenset({"answered", "busy", "no_answer", "cancelled", "failed"}),
}


class PastCall(BaseModel):
    """A call as the old system has it. `id` is that system's own; `user_id` who answered, who dialled, or whose phone
    rang in vain. It ended `ring_s` and `talk_s` seconds after it started. `recording` is what the connection's PBX
    keeps the recording by, from where it is fetched."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[OneLine, StringConstraints(min_length=1, max_length=100)]
    direction: Literal["in", "out"]
    result: PastResult
    phone: Annotated[OneLine, StringConstraints(min_length=1, max_length=64)]
    line: Annotated[OneLine, StringConstraints(min_length=1, max_length=64)] | None = None
    user_id: UUID
    started_at: Moment
    ring_s: Annotated[int, Field(ge=0, le=_A_DAY_S)] = 0
    talk_s: Annotated[int, Field(ge=0, le=_A_DAY_S)] = 0
    recording: Annotated[OneLine, StringConstraints(min_length=1, max_length=200)] | None = None
    outcome: Outcome | None = None
    outcome_note: Annotated[MultiLine, StringConstraints(max_length=2_000)] = ""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.result not in _ENDS[self.direction]:
            raise PydanticCustomError("impossible_result", "A call of this direction does not end so")
        if self.talk_s and self.result != "answered":
            raise PydanticCustomError("not_talked", "Only an answered call was talked on")
        if self.recording and self.result != "answered":
            raise PydanticCustomError("not_recorded", "Only an answered call was recorded")
        return self


class PastCalls(BaseModel):
    """Calls of one connection's numbers, each told once however often it is sent."""

    model_config = ConfigDict(extra="forbid")

    connection_id: UUID
    calls: Annotated[list[PastCall], Field(min_length=1, max_length=MOST)]


class Taken(BaseModel):
    """How many are new here, how many of those have no card, and how many were here before."""

    taken: int
    without_card: int
    known: int
