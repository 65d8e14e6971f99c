"""Use cases of notes: write, rewrite, delete; and their end with what they are on."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import Forbidden, NotFound, StaleVersion
from crm_contracts import contacts
from crm_contracts.contacts import Subject

from crm_contacts import subjects
from crm_contacts.notes import repository
from crm_contacts.notes.repository import Held, Note
from crm_contacts.notes.schemas import NoteCreate, NoteOut, NotePatch


async def create(tx: Transaction, caller: Principal, body: NoteCreate) -> NoteOut:
    """A note of the caller stands on the subject, of a merged person on the card that lives on.

    Raises as `subjects.hold`.
    """
    subject_id, owner_id = await subjects.hold(tx, caller, body.subject, body.subject_id)
    moment = now()
    note = Note(
        id=new_id(),
        subject=body.subject,
        subject_id=subject_id,
        author_id=caller.id,
        text=body.text,
        created_at=moment,
        updated_at=moment,
        version=1,
    )
    await repository.insert(tx, note)
    _tell(tx, contacts.NOTE_CREATED, note, owner_id, ["subject", "subject_id", "text"])
    return told(note)


async def change(tx: Transaction, caller: Principal, note_id: UUID, patch: NotePatch, version: int) -> NoteOut:
    """The note says what its author wrote last; a patch that changes nothing leaves no trace.

    NotFound when invisible, Forbidden for others than the author, StaleVersion unless `version` is the current one.
    """
    held = await _locked(tx, caller, note_id)
    if held.note.author_id != caller.id:
        raise Forbidden("A note is changed by its author only.")
    _check_version(held, version)
    if "text" not in patch.model_fields_set or patch.text == held.note.text:
        return told(held.note)
    after = replace(held.note, text=patch.text, updated_at=now(), version=held.note.version + 1)
    await repository.rewrite(tx, after)
    _tell(tx, contacts.NOTE_UPDATED, after, held.owner_id, ["text"])
    return told(after)


async def remove(tx: Transaction, caller: Principal, note_id: UUID, version: int) -> None:
    """The note is gone, taken back by its author or by who may change what it is on.

    NotFound when invisible, Forbidden for others, StaleVersion unless `version` is the current one.
    """
    held = await _locked(tx, caller, note_id)
    if held.note.author_id != caller.id and not held.may_change_subject:
        raise Forbidden("You may see this note, not delete it.")
    _check_version(held, version)
    await repository.drop(tx, note_id)
    note = held.note
    _tell_removed(tx, note.id, note.version, note.subject, note.subject_id, held.owner_id)


async def erase(tx: Transaction, subject: Subject, owners: Mapping[UUID, UUID | None]) -> None:
    """No note is on these subjects any more, which are no more; each note's end is told.

    `owners` say whose each subject was last. One statement for however many.
    """
    if not owners:
        return
    for row in await repository.drop_of(tx, subject, owners.keys()):
        _tell_removed(tx, row.id, row.version, subject, row.subject_id, owners[row.subject_id])


def told(note: Note) -> NoteOut:
    """The note as the API gives it."""
    return NoteOut.model_validate(note, from_attributes=True)


async def _locked(tx: Transaction, caller: Principal, note_id: UUID) -> Held:
    held = await repository.lock_for(tx, caller, note_id)
    if held is None:
        raise NotFound
    return held


def _check_version(held: Held, version: int) -> None:
    if held.note.version != version:
        raise StaleVersion(told(held.note).model_dump(mode="json"))


def _tell(tx: Transaction, type: str, note: Note, owner_id: UUID | None, changed: list[str]) -> None:
    state = contacts.NoteState(
        id=note.id,
        subject=note.subject,
        subject_id=note.subject_id,
        owner_id=owner_id,
        author_id=note.author_id,
        created_at=note.created_at,
        updated_at=note.updated_at,
        version=note.version,
        changed=changed,
        pii=contacts.NotePii(text=note.text),
    )
    tx.record(type, subject="note", id=note.id, sequence=note.version, data=state, happened_at=note.updated_at)


def _tell_removed(
    tx: Transaction, id: UUID, version: int, subject: Subject, subject_id: UUID, owner_id: UUID | None
) -> None:
    data = contacts.NoteRemoved(id=id, owner_id=owner_id, version=version + 1, subject=subject, subject_id=subject_id)
    tx.record(contacts.NOTE_REMOVED, subject="note", id=id, sequence=data.version, data=data)
