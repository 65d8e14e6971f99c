"""Bases of event bodies: full state plus the names of what changed, personal data apart."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A part of an event. Unknown fields are dropped: contracts change by addition only."""

    # An error's text goes to logs, and what did not fit may be somebody's name.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Pii(Body):
    """Personal data, the only place for it in an event; the archive stores it apart and erasure nulls it."""


class State(Body):
    """Full public state of a subject after the change."""

    changed: list[str] = Field(default_factory=list, description="Names of the fields this change touched")


class Removed(State):
    """A subject that is no more; its id is never used again, and an older event does not bring it back."""

    id: UUID
    owner_id: UUID | None
    version: int


class ImportFinished(State):
    """A file has been taken in (or given back): the one live event of a whole import.

    `counts` tells how many rows had which end.
    """

    id: UUID
    kind: str
    outcome: Literal["done", "cancelled", "failed", "undone"]
    user_id: UUID
    counts: dict[str, int]
    version: int
