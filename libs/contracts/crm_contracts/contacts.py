"""Events of contacts: people, companies, notes and files on them and on deals, and which card a call belongs to."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from crm_contracts.base import Body, Pii, Removed, State

PERSON_CREATED = "contacts.person.created.v1"
PERSON_UPDATED = "contacts.person.updated.v1"
PERSON_MERGED = "contacts.person.merged.v1"
COMPANY_CREATED = "contacts.company.created.v1"
COMPANY_UPDATED = "contacts.company.updated.v1"
CALL_LINKED = "contacts.call.linked.v1"
PERSON_REMOVED = "contacts.person.removed.v1"
COMPANY_REMOVED = "contacts.company.removed.v1"
NOTE_CREATED = "contacts.note.created.v1"
NOTE_UPDATED = "contacts.note.updated.v1"
NOTE_REMOVED = "contacts.note.removed.v1"
FILE_ADDED = "contacts.file.added.v1"
FILE_CHANGED = "contacts.file.changed.v1"
FILE_REMOVED = "contacts.file.removed.v1"
IMPORT_FINISHED = "contacts.import.finished.v1"

OwnerSource = Literal["rule", "answer", "human"]
# What notes and files may be on.
Subject = Literal["person", "company", "deal"]


class Phone(Body):
    """A phone of a card; `e164` is null when the raw text is no valid number."""

    id: UUID
    e164: str | None
    raw: str
    kind: str


class Email(Body):
    """An e-mail address of a card, as entered, lower-cased domain."""

    id: UUID
    address: str


class PersonPii(Pii):
    """Who the person is and how to reach them."""

    name: str
    phones: list[Phone]
    emails: list[Email]


class PersonState(State):
    """A person after the change."""

    id: UUID
    company_id: UUID | None
    owner_id: UUID | None
    owner_source: OwnerSource
    source: str
    locale: str | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int
    pii: PersonPii


class PersonMerged(PersonState):
    """The winner after a merge; every service keeps the loser's id and resolves it to the winner."""

    loser_id: UUID
    winner_id: UUID


class CompanyPii(Pii):
    """How to reach a company: its numbers are often a person's."""

    phones: list[Phone]
    emails: list[Email]


class CompanyState(State):
    """A company after the change."""

    id: UUID
    name: str
    owner_id: UUID | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int
    pii: CompanyPii


class CallLinkedPii(Pii):
    """What the pop shows."""

    phone: str | None
    person_name: str


class CallLinked(State):
    """A call found its card; this overwrites telephony's hint. `created` tells a card made for this call."""

    call_id: UUID
    person_id: UUID
    created: bool
    direction: Literal["in", "out"]
    line: str | None
    started_at: AwareDatetime
    owner_id: UUID
    owner_source: OwnerSource
    version: int
    pii: CallLinkedPii


class NotePii(Pii):
    """What somebody wrote: plain text, as typed."""

    text: str


class NoteState(State):
    """A note after the change. `owner_id` is whose the subject was then: who may see it, may see the note."""

    id: UUID
    subject: Subject
    subject_id: UUID
    owner_id: UUID | None
    author_id: UUID
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int
    pii: NotePii


class NoteRemoved(Removed):
    """A note that is no more, deleted or gone with its subject; `owner_id` is as in NoteState."""

    subject: Subject
    subject_id: UUID


class FilePii(Pii):
    """What the file is called: names of files tell of people. What is in it is in no event."""

    name: str


class FileState(State):
    """A file on a card or a deal after the change. `owner_id` is as in NoteState; `media_type` is told by its content.

    What is in a file never changes: its name does.
    """

    id: UUID
    subject: Subject
    subject_id: UUID
    owner_id: UUID | None
    author_id: UUID
    size: int
    media_type: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int
    pii: FilePii


class FileRemoved(Removed):
    """A file that is no more, deleted or gone with its subject; `owner_id` is as in NoteState."""

    subject: Subject
    subject_id: UUID
