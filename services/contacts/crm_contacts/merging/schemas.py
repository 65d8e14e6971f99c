"""Merging as the API takes it."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class MergeRequest(BaseModel):
    """The card to be merged into the one in the path."""

    model_config = ConfigDict(extra="forbid")

    loser_id: UUID
