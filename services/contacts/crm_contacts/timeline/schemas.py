"""The timeline as the API gives it."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from crm_contacts.timeline.rules import ItemKind


class TimelineItem(BaseModel):
    """One line of the history.

    `id` is the call's, task's, message's, note's or file's id, or the event's for what happened to a deal; `data` and
    `pii` are the subject's state as its owner tells it (contracts CallState, TaskState, MessageState, NoteState,
    FileState, DealState).
    """

    id: UUID
    kind: ItemKind
    person_id: UUID | None
    happened_at: AwareDatetime
    owner_id: UUID | None
    correlation_id: UUID
    version: int = Field(description="Version of the subject that `data` shows")
    data: dict[str, Any]
    pii: dict[str, Any] | None
