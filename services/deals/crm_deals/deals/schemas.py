"""Bodies of deals, and a row of the database as the API and the events tell it."""

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.moments import Day, Moment
from crm_chassis.paging import ListQuery
from crm_chassis.text import Line
from crm_contracts.deals import DealLine, DealPii, DealState
from pydantic import BaseModel, ConfigDict, Field

from crm_deals.lines.rules import money, plain
from crm_deals.lines.schemas import Currency, LineOut, MoneyText
from crm_deals.patching import MergePatch


class DealCreate(BaseModel):
    """A new deal. Left out: the first pipeline, its first stage, oneself as owner, the company's currency."""

    model_config = ConfigDict(extra="forbid")

    title: Line
    pipeline_id: UUID | None = None
    stage_id: UUID | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    amount: MoneyText = "0"
    currency: Currency | None = None
    expected_close_on: Day | None = None


class DealPatch(MergePatch):
    """Changes to a deal; stages change by a move, the amount of a deal with lines by its lines."""

    clearable: ClassVar[frozenset[str]] = frozenset({"person_id", "company_id", "expected_close_on"})

    title: Line | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    amount: MoneyText | None = None
    expected_close_on: Day | None = None


class DealMove(BaseModel):
    """To which stage, why (when lost), and since when (needs its own right)."""

    model_config = ConfigDict(extra="forbid")

    stage_id: UUID
    loss_reason: Line | None = None
    happened_at: Moment | None = None


NextStep = Literal["none", "overdue"]


class DealQuery(ListQuery):
    """Filters of the list, all of which a deal must fit; from is inclusive, before is not."""

    id: Annotated[
        list[UUID],
        Field(default_factory=list, max_length=100, description="Exactly these, as far as they are to be seen"),
    ]
    q: Annotated[Line | None, Field(description="Words of the title or of the person's name")] = None
    whose: Annotated[Literal["mine", "team"] | None, Field(description="The caller's, or their team's")] = None
    next_step: Annotated[
        NextStep | None, Field(description="Open deals with no open task, or with one whose time has passed")
    ] = None
    pipeline_id: UUID | None = None
    stage_id: UUID | None = None
    owner_id: UUID | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None
    outcome: Literal["open", "won", "lost"] | None = None
    created_from: Moment | None = None
    created_before: Moment | None = None
    closed_from: Moment | None = None
    closed_before: Moment | None = None
    product_id: Annotated[UUID | None, Field(description="A line of the deal names it")] = None
    amount_from: MoneyText | None = None
    amount_to: Annotated[MoneyText | None, Field(description="This much or less, whatever the currency")] = None
    expected_from: Day | None = None
    expected_before: Day | None = None
    sort: Literal["-stage_entered_at", "-created_at", "-amount"] = "-stage_entered_at"


class DealOut(BaseModel):
    """A deal; `outcome` is null while it is open, `amount` the sum of its lines when it has any."""

    id: UUID
    title: str
    person_id: UUID | None
    company_id: UUID | None
    pipeline_id: UUID
    stage_id: UUID
    stage_entry_id: UUID
    stage_entered_at: datetime
    outcome: Literal["won", "lost"] | None
    loss_reason: str | None
    amount: str
    currency: str
    owner_id: UUID
    lines: Annotated[list[LineOut], Field(description="In the order they were put")]
    origin_type: str
    origin_id: str | None
    created_at: datetime
    closed_at: datetime | None
    expected_close_on: date | None
    correlation_id: UUID
    version: int


class DealListed(DealOut):
    """A deal in a list. Names and next task are null when there is none or the caller may not see it."""

    person_name: str | None
    company_name: str | None
    next_task_due_at: datetime | None


DealRow = sa.Row[Any] | SimpleNamespace
"""A deal with its lines: as the database gave it, or as it stands after a write that nobody reads back."""


def _lines(row: DealRow) -> list[dict[str, str]]:
    return [
        {
            "id": line["id"],
            "product_id": line["product_id"],
            "quantity": plain(Decimal(line["quantity"])),
            "price": money(Decimal(line["price"]), row.currency),
            "discount_percent": plain(Decimal(line["discount_percent"])),
            "total": money(Decimal(line["total"]), row.currency),
        }
        for line in row.lines
    ]


_STORED = (
    "id person_id company_id pipeline_id stage_id stage_entry_id stage_entered_at loss_reason currency owner_id"
    " origin_type origin_id created_at closed_at correlation_id version"
)
_AS_STORED = _STORED.split()


def _shared(row: DealRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _AS_STORED} | {
        "outcome": None if row.outcome == "open" else row.outcome,
        "amount": money(row.amount, row.currency),
    }


def _told(row: DealRow) -> dict[str, Any]:
    return _shared(row) | {
        "title": row.title,
        "expected_close_on": row.expected_close_on,
        "lines": [LineOut.model_validate(line) for line in _lines(row)],
    }


def deal_out(row: DealRow) -> DealOut:
    """The deal as the API tells it."""
    return DealOut(**_told(row))


def deal_listed(row: sa.Row[Any]) -> DealListed:
    """The deal as lists tell it."""
    beside = {name: getattr(row, name) for name in ("person_name", "company_name", "next_task_due_at")}
    return DealListed(**_told(row), **beside)


def deal_state(row: DealRow, changed: list[str]) -> DealState:
    """The deal as events tell it."""
    return DealState(
        **_shared(row),
        changed=changed,
        expected_close_on=row.expected_close_on.isoformat() if row.expected_close_on else None,
        lines=[DealLine.model_validate(line) for line in _lines(row)],
        pii=DealPii(title=row.title),
    )
