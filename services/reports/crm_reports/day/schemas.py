"""What the route of one's own day answers."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from crm_reports.calls.schemas import CallDay
from crm_reports.sales.schemas import SalesFigure


class Day(BaseModel):
    """Today and this month in the company's zone; null for who may not see reports on themself."""

    day: date
    zone: str
    calls: CallDay | None
    won: Annotated[SalesFigure | None, Field(description="Since the first of the month")]
