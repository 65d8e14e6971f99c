"""The phone map as the API takes and shows it."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Extension = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z*#._-]{1,20}$")]


class ExtensionBody(BaseModel):
    """An extension and whose it is."""

    model_config = ConfigDict(extra="forbid")

    extension: Extension
    user_id: UUID


class ExtensionsBody(BaseModel):
    """The whole map as it is from now on; what is not named belongs to nobody any more.

    `replaces` is the map as it was seen: with it, a map somebody else has changed meanwhile is not written over.
    """

    model_config = ConfigDict(extra="forbid")

    extensions: Annotated[list[ExtensionBody], Field(max_length=2000)]
    replaces: Annotated[list[ExtensionBody], Field(max_length=2000)] | None = None


class ExtensionAnswer(BaseModel):
    """A stretch of the map; `valid_to` is null for what holds today."""

    extension: str
    user_id: UUID
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None


class ExtensionsAnswer(BaseModel):
    """The map of a connection, what holds today first, then how it was."""

    items: list[ExtensionAnswer]
