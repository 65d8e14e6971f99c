"""What the routes of the pipeline take and answer."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.paging import ListQuery
from pydantic import BaseModel, ConfigDict, Field

from crm_reports.horizon import Day, Moment
from crm_reports.narrowing import Narrowing


class _Deals(Narrowing):
    """Which deals: in the pipeline at the end of a day; credited to who owned them then."""

    pipeline_id: UUID
    as_of: Annotated[Day | None, Field(description="What had happened by the end of this day; default today")] = None
    known_at: Annotated[Moment | None, Field(description="What was archived by then; default now")] = None


class PipelineQuery(_Deals):
    """The figures asked for."""

    model_config = ConfigDict(extra="forbid")


class PipelineRecordsQuery(ListQuery, _Deals):
    """The deals behind one figure."""

    stage_id: UUID


class StageFigure(BaseModel):
    """The deals in one stage at `as_of`: how many, their worth then, and the list of exactly these deals."""

    stage_id: UUID
    name: str | None
    kind: str
    removed: Annotated[bool, Field(description="No longer a stage of the pipeline")]
    count: int
    amounts: Annotated[dict[str, str], Field(description="Decimal string by ISO currency")]
    drill_down: Annotated[str, Field(description="Path and query of the list of exactly `count` records")]


class PipelineState(BaseModel):
    """Where the deals stand; asked again with its own `as_of` and `known_at` it is the same for ever."""

    pipeline_id: UUID
    name: str
    zone: str
    as_of: date
    known_at: datetime
    stages: list[StageFigure]


class PipelineRecord(BaseModel):
    """One deal in a stage; `owner_id`, `team_id` and `office` are those of the day."""

    deal_id: UUID
    stage_id: UUID
    entered_at: datetime
    outcome: Literal["won", "lost"] | None
    owner_id: UUID
    team_id: UUID | None
    office: str | None
    company_id: UUID | None
    amount: Annotated[str, Field(description="Narrowed to a product: what that one brings")]
    currency: str
