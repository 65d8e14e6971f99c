"""Teams on the wire."""

from datetime import datetime
from uuid import UUID

from crm_chassis.text import Line
from pydantic import BaseModel, ConfigDict


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TeamCreate(_Body):
    """A new team; people join it by their own `team_id`."""

    name: Line
    lead_id: UUID | None = None
    office: Line | None = None


class TeamPatch(_Body):
    """JSON merge patch."""

    name: Line = ""
    lead_id: UUID | None = None
    office: Line | None = None


class Team(BaseModel):
    """A team."""

    id: UUID
    name: str
    lead_id: UUID | None
    office: str | None
    created_at: datetime
    updated_at: datetime
    version: int
