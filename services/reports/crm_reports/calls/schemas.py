"""What the calls' routes take and answer."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.paging import ListQuery
from pydantic import BaseModel, ConfigDict, Field

from crm_reports.horizon import Day, Moment

Counted = Literal["all", "in", "out", "answered", "missed"]


class _Calls(BaseModel):
    """Which calls: those that started from the first day to the last (company zone, both included)."""

    from_day: Annotated[Day, Field(alias="from")]
    to_day: Annotated[Day, Field(alias="to")]
    as_of: Annotated[Day | None, Field(description="What had happened by the end of this day; default today")] = None
    known_at: Annotated[Moment | None, Field(description="What was archived by then; default now")] = None
    owner_id: Annotated[UUID | None, Field(description="The user a call is credited to")] = None
    team_id: Annotated[UUID | None, Field(description="That user's team when the call started")] = None


class CallsPerDayQuery(_Calls):
    """The figures asked for."""

    model_config = ConfigDict(extra="forbid")

    by_user: Annotated[bool, Field(description="One row per day and user with calls, instead of one per day")] = False


class CallRecordsQuery(ListQuery, _Calls):
    """The calls behind one figure."""

    figure: Counted = "all"


class CallFigure(BaseModel):
    """A number of calls and the list of exactly these calls."""

    count: int
    drill_down: Annotated[str, Field(description="Path and query of the list of exactly `count` records")]


class CallDay(BaseModel):
    """Calls that started on one day. Internal calls are not counted."""

    model_config = ConfigDict(serialize_by_alias=True)

    day: date
    user_id: Annotated[UUID | None, Field(description="Null unless asked by user")]
    inbound: Annotated[CallFigure, Field(serialization_alias="in")]
    outbound: Annotated[CallFigure, Field(serialization_alias="out")]
    answered: Annotated[CallFigure, Field(description="Of both directions, those going on included")]
    missed: Annotated[CallFigure, Field(description="Inbound: missed, abandoned in queue or menu, voicemail")]
    talk_s: Annotated[int, Field(description="Seconds talked, both directions")]
    average_wait_s: Annotated[
        str | None, Field(description="Mean seconds to the answer of inbound answered calls, one decimal")
    ]


class CallsPerDay(BaseModel):
    """Calls by day; asked again with its own `as_of` and `known_at` it is the same for ever."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_day: Annotated[date, Field(serialization_alias="from")]
    to_day: Annotated[date, Field(serialization_alias="to")]
    zone: str
    as_of: date
    known_at: datetime
    days: list[CallDay]


class CallRecord(BaseModel):
    """One call as its newest state by then tells; `team_id` is the user's team when it started."""

    call_id: UUID
    direction: str
    result: str | None
    started_at: datetime
    answered: bool
    missed: bool
    wait_s: int | None
    talk_s: int
    user_id: UUID
    team_id: UUID | None
