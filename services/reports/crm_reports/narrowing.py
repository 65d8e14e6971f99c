"""What deals a figure is narrowed to: the filters sales and pipeline share."""

from typing import Annotated, Any, Literal
from uuid import UUID

from crm_chassis.text import Line
from pydantic import BaseModel, Field

Unsaid = Literal["team", "office", "product", "company"]


class Narrowing(BaseModel):
    """Only deals that are all of this; the owner, team and office are those a figure credits."""

    owner_id: Annotated[UUID | None, Field(description="Who owned the deal at the time")] = None
    team_id: Annotated[UUID | None, Field(description="That owner's team at that time")] = None
    office: Annotated[Line | None, Field(description="That team's office then")] = None
    product_id: Annotated[
        UUID | None, Field(description="Deals with the product; money is what the product brings")
    ] = None
    company_id: Annotated[UUID | None, Field(description="Deals of this company")] = None
    currency: Annotated[str | None, Field(pattern="^[A-Z]{3}$")] = None
    without: Annotated[list[Unsaid], Field(max_length=4, description="Only deals that have none of these")] = []

    def narrowed(self) -> dict[str, Any]:
        """The filters as query parameters, None where there is none."""
        return {name: getattr(self, name) or None for name in Narrowing.model_fields}
