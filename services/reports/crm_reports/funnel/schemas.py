"""What the funnel's routes take and answer."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.paging import ListQuery
from pydantic import BaseModel, ConfigDict, Field

from crm_reports.horizon import Day, Moment

Counted = Literal["entered", "advanced", "moved_back", "left_pipeline", "lost", "still_there", "re_entered"]


class _Entries(BaseModel):
    """Which entries: into the pipeline's stages, from the first day to the last (company zone, both included)."""

    pipeline_id: UUID
    from_day: Annotated[Day, Field(alias="from")]
    to_day: Annotated[Day, Field(alias="to")]
    as_of: Annotated[Day | None, Field(description="What had happened by the end of this day; default today")] = None
    known_at: Annotated[Moment | None, Field(description="What was archived by then; default now")] = None
    owner_id: Annotated[UUID | None, Field(description="Owner when the deal entered the stage")] = None
    team_id: Annotated[UUID | None, Field(description="That owner's team at that time")] = None


class FunnelQuery(_Entries):
    """The funnel asked for."""

    model_config = ConfigDict(extra="forbid")


class EntriesQuery(ListQuery, _Entries):
    """The entries behind one figure."""

    stage_id: UUID
    figure: Counted = "entered"


class FunnelFigure(BaseModel):
    """A number of entries, the worth of their deals at `as_of`, and the list of exactly these entries.

    A deal that entered twice counts, and weighs, twice.
    """

    count: int
    amounts: Annotated[dict[str, str], Field(description="Decimal string by ISO currency")]
    drill_down: Annotated[str, Field(description="Path and query of the list of exactly `count` records")]


class StageFunnel(BaseModel):
    """One stage: entered = advanced + moved_back + left_pipeline + lost + still_there."""

    stage_id: UUID
    name: str | None
    kind: str
    removed: Annotated[bool, Field(description="No longer a stage of the pipeline")]
    entered: FunnelFigure
    advanced: FunnelFigure
    moved_back: FunnelFigure
    left_pipeline: FunnelFigure
    lost: FunnelFigure
    still_there: FunnelFigure
    re_entered: Annotated[FunnelFigure, Field(description="How many of `entered` had been in the stage before")]


class Funnel(BaseModel):
    """The funnel; asked again with its own `as_of` and `known_at` it is the same for ever."""

    model_config = ConfigDict(serialize_by_alias=True)

    pipeline_id: UUID
    name: str
    from_day: Annotated[date, Field(serialization_alias="from")]
    to_day: Annotated[date, Field(serialization_alias="to")]
    zone: str
    as_of: date
    known_at: datetime
    stages: list[StageFunnel]


class FunnelEntry(BaseModel):
    """One entry of a deal into a stage; `owner_id` and `team_id` are those of the time."""

    stage_entry_id: UUID
    deal_id: UUID
    stage_id: UUID
    entered_at: datetime
    outcome: Literal["advanced", "moved_back", "left_pipeline", "lost", "still_there"]
    next_stage_id: UUID | None
    re_entered: bool
    owner_id: UUID
    team_id: UUID | None
    amount: str
    currency: str
