"""What the archive's routes answer."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class ProjectionStatus(BaseModel):
    """How far one generation of projections has read the archive."""

    generation: int
    position: int
    archived_at: Annotated[datetime | None, Field(description="Of the last event taken in; null before the first")]
    lag_events: Annotated[int, Field(description="Archived events it has not taken in yet")]


class ArchiveStatus(BaseModel):
    """How far the archive is and how close the figures follow."""

    position: Annotated[int, Field(description="Of the last archived event; 0 when empty")]
    archived_at: datetime | None
    conflicts: Annotated[int, Field(description="Event ids that came again with another body; the first was kept")]
    rejected: Annotated[int, Field(description="Archived events whose data no figure could read")]
    projection: ProjectionStatus
    rebuilding: ProjectionStatus | None
