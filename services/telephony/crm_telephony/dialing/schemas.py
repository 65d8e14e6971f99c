"""An order to dial as the API takes it."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError


class NewCall(BaseModel):
    """Whom to call: a phone of a person, or a number (which needs its own right). `connection_id` picks the PBX."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID | None = None
    phone_id: UUID | None = None
    number: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x20-\x7e]+$")] | None = None
    connection_id: UUID | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        by_card = self.person_id is not None and self.phone_id is not None
        by_number = self.number is not None
        if by_card == by_number or (by_number and (self.person_id or self.phone_id)):
            raise PydanticCustomError("phone_or_number", "give person_id and phone_id, or number")
        return self
