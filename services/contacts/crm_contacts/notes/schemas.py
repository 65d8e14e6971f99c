"""Notes as the API takes and gives them."""

from typing import Annotated
from uuid import UUID

from crm_chassis.paging import ListQuery
from crm_chassis.text import MultiLine, not_blank
from crm_contracts.contacts import Subject
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

NoteText = Annotated[MultiLine, StringConstraints(min_length=1, max_length=20_000), AfterValidator(not_blank)]


class NoteCreate(BaseModel):
    """A new note on a person, a company or a deal. The text is plain: shown as typed, never read as markup."""

    model_config = ConfigDict(extra="forbid")

    subject: Subject
    subject_id: UUID
    text: NoteText


class NotePatch(BaseModel):
    """A JSON merge patch: only what is sent changes. The default is never read."""

    model_config = ConfigDict(extra="forbid")

    text: NoteText = ""


class NoteOut(BaseModel):
    """A note."""

    id: UUID
    subject: Subject
    subject_id: UUID
    author_id: UUID
    text: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class NotesQuery(ListQuery):
    """On what the notes are."""

    subject: Subject
    subject_id: UUID
