"""Bodies of deal lines, and money as it stands in JSON: decimal strings, never floats."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MoneyText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$")]
Percent = Annotated[str, StringConstraints(pattern=r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$")]

MAX_LINES = 200


class LineIn(BaseModel):
    """One line as a client wants it; without a price it takes the product's."""

    model_config = ConfigDict(extra="forbid")

    product_id: UUID
    quantity: Quantity = "1"
    price: MoneyText | None = None
    discount_percent: Percent = "0"


class LinesIn(BaseModel):
    """All lines of the deal, in order; an empty list brings the entered amount back."""

    model_config = ConfigDict(extra="forbid")

    lines: list[LineIn] = Field(max_length=MAX_LINES)


class LineOut(BaseModel):
    """One line of a deal; `total` is rounded half up to the currency's smallest coin."""

    id: UUID
    product_id: UUID
    quantity: str
    price: str
    discount_percent: str
    total: str
