"""What the routes of sales take and answer."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.paging import ListQuery
from pydantic import BaseModel, ConfigDict, Field

from crm_reports.horizon import Day, Moment
from crm_reports.narrowing import Narrowing
from crm_reports.sales.rules import By, Figure


class _Sales(Narrowing):
    """Which deals: closed (or created) from the first day to the last (company zone, both included)."""

    from_day: Annotated[Day, Field(alias="from")]
    to_day: Annotated[Day, Field(alias="to")]
    as_of: Annotated[Day | None, Field(description="What had happened by the end of this day; default today")] = None
    known_at: Annotated[Moment | None, Field(description="What was archived by then; default now")] = None


class SalesQuery(_Sales):
    """The figures asked for."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[By, Field(description="What groups are told apart by")] = By.NONE
    limit: Annotated[int, Field(ge=1, le=1000, description="Groups at most; those who won most come first")] = 200


class SalesRecordsQuery(ListQuery, _Sales):
    """The deals behind one figure."""

    figure: Figure


class SalesFigure(BaseModel):
    """A number of deals, their worth at `as_of`, and the list of exactly these deals."""

    count: int
    amounts: Annotated[dict[str, str], Field(description="Decimal string by ISO currency")]
    drill_down: Annotated[str, Field(description="Path and query of the list of exactly `count` records")]


class ClosedFigure(SalesFigure):
    """Deals that were closed."""

    average_days: Annotated[
        str | None, Field(description="Mean days from the first stage to the close, one decimal; null of nothing")
    ]


class SalesGroup(BaseModel):
    """The figures of one group; `key` is null for deals that have none of it, and where all are one group."""

    key: Annotated[str | None, Field(description="An id, an office, a currency, 2017-06 or 2017-Q2")]
    name: Annotated[str | None, Field(description="Of a team, product or company, as last known")]
    won: ClosedFigure
    lost: ClosedFigure
    win_rate: Annotated[str | None, Field(description="Won among closed, four decimals; null when none was closed")]
    created: SalesFigure
    open: Annotated[SalesFigure | None, Field(description="At `as_of`, whatever the days; null by month and quarter")]


class Sales(BaseModel):
    """Sales; asked again with its own `as_of` and `known_at` they are the same for ever."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_day: Annotated[date, Field(serialization_alias="from")]
    to_day: Annotated[date, Field(serialization_alias="to")]
    zone: str
    as_of: date
    known_at: datetime
    by: By
    groups: Annotated[list[SalesGroup], Field(description="Those with a deal; one for all when not told apart")]
    left_off: Annotated[int, Field(description="How many groups more there are than `limit`")]


class SalesRecord(BaseModel):
    """One deal behind a figure; `owner_id`, `team_id` and `office` are those it is credited to."""

    deal_id: UUID
    at: Annotated[datetime, Field(description="When it was closed or created, or entered the stage it is in")]
    pipeline_id: UUID
    stage_id: UUID
    outcome: Literal["won", "lost"] | None
    owner_id: UUID
    team_id: UUID | None
    office: str | None
    company_id: UUID | None
    amount: Annotated[str, Field(description="Narrowed to a product: what that one brings")]
    currency: str
