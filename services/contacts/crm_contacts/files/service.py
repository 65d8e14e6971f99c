"""Use cases of files: add, rename, delete; and their end with what they are on.

What is in the store without a file is always due to be dropped from it: written down before it arrives, and in the
transaction that ends the file. So nobody killed at any moment leaves a content behind for ever.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import Forbidden, NotFound, StaleVersion
from crm_chassis.schedule import Due, schedule_many, unschedule
from crm_contracts import contacts
from crm_contracts.contacts import Subject

from crm_contacts import subjects
from crm_contacts.files import repository, rules
from crm_contacts.files.repository import File, Held
from crm_contacts.files.schemas import FileOut, FilePatch, FileUpload
from crm_contacts.files.store import Kept, Store

DROP = "files.drop"

ARRIVES_WITHIN = timedelta(days=1)
"""An upload that has not become a file by then never will: the slowest is cut off long before."""


async def expect(tx: Transaction, caller: Principal, asked: FileUpload) -> UUID:
    """The id of a file about to arrive, which leaves nothing behind if it never does. Raises as `subjects.hold`."""
    await subjects.hold(tx, caller, asked.subject, asked.subject_id)
    id = new_id()
    await schedule_many(tx, DROP, [str(id)], now() + ARRIVES_WITHIN)
    return id


async def add(tx: Transaction, caller: Principal, asked: FileUpload, id: UUID, kept: Kept) -> FileOut:
    """The file that was expected stands on the subject, of a merged person on the card that lives on.

    Raises as `subjects.hold`; its content is then dropped in time.
    """
    subject_id, owner_id = await subjects.hold(tx, caller, asked.subject, asked.subject_id)
    moment = now()
    file = File(
        id=id,
        subject=asked.subject,
        subject_id=subject_id,
        author_id=caller.id,
        name=asked.file_name,
        size=kept.size,
        media_type=rules.media_type(kept.head, asked.file_name),
        sha256=kept.sha256,
        created_at=moment,
        updated_at=moment,
        version=1,
    )
    await unschedule(tx, DROP, str(id))
    await repository.insert(tx, file)
    _tell(tx, contacts.FILE_ADDED, file, owner_id, ["subject", "subject_id", "name", "size", "media_type"])
    return told(file)


async def change(tx: Transaction, caller: Principal, file_id: UUID, patch: FilePatch, version: int) -> FileOut:
    """The file is called what the patch says; one that changes nothing leaves no trace.

    For who added it and for who may change what it is on. NotFound when invisible, Forbidden for others, StaleVersion
    unless `version` is the current one.
    """
    held = await _locked(tx, caller, file_id, version, "rename")
    if "name" not in patch.model_fields_set or patch.name == held.file.name:
        return told(held.file)
    after = replace(held.file, name=patch.name, updated_at=now(), version=held.file.version + 1)
    await repository.rename(tx, after)
    _tell(tx, contacts.FILE_CHANGED, after, held.owner_id, ["name"])
    return told(after)


async def remove(tx: Transaction, caller: Principal, file_id: UUID, version: int) -> None:
    """The file is gone, its content soon after the commit. Whose it is to do, and what it raises, as `change`."""
    held = await _locked(tx, caller, file_id, version, "delete")
    await repository.drop(tx, file_id)
    file = held.file
    _tell_removed(tx, file.id, file.version, file.subject, file.subject_id, held.owner_id)
    await _drop_contents(tx, [file.id])


async def erase(tx: Transaction, subject: Subject, owners: Mapping[UUID, UUID | None]) -> None:
    """No file is on these subjects any more, which are no more; each file's end is told.

    `owners` say whose each subject was last. Few statements for however many.
    """
    if not owners:
        return
    rows = await repository.drop_of(tx, subject, owners.keys())
    for row in rows:
        _tell_removed(tx, row.id, row.version, subject, row.subject_id, owners[row.subject_id])
    await _drop_contents(tx, [row.id for row in rows])


async def drop(store: Store, due: Due) -> None:
    """The content is gone from the store. StoreFailed, to be tried again, when it can not be dropped."""
    await store.drop(UUID(due.key))


def told(file: File) -> FileOut:
    """The file as the API gives it."""
    return FileOut(
        id=file.id,
        subject=file.subject,
        subject_id=file.subject_id,
        author_id=file.author_id,
        name=file.name,
        size=file.size,
        media_type=file.media_type,
        sha256=file.sha256.hex(),
        created_at=file.created_at,
        updated_at=file.updated_at,
        version=file.version,
    )


async def _drop_contents(tx: Transaction, ids: Collection[UUID]) -> None:
    await schedule_many(tx, DROP, [str(id) for id in ids], now())


async def _locked(tx: Transaction, caller: Principal, file_id: UUID, version: int, verb: str) -> Held:
    held = await repository.lock_for(tx, caller, file_id)
    if held is None:
        raise NotFound
    if held.file.author_id != caller.id and not held.may_change_subject:
        raise Forbidden(f"You may see this file, not {verb} it.")
    if held.file.version != version:
        raise StaleVersion(told(held.file).model_dump(mode="json"))
    return held


def _tell(tx: Transaction, type: str, file: File, owner_id: UUID | None, changed: list[str]) -> None:
    state = contacts.FileState(
        id=file.id,
        subject=file.subject,
        subject_id=file.subject_id,
        owner_id=owner_id,
        author_id=file.author_id,
        size=file.size,
        media_type=file.media_type,
        created_at=file.created_at,
        updated_at=file.updated_at,
        version=file.version,
        changed=changed,
        pii=contacts.FilePii(name=file.name),
    )
    tx.record(type, subject="file", id=file.id, sequence=file.version, data=state, happened_at=file.updated_at)


def _tell_removed(
    tx: Transaction, id: UUID, version: int, subject: Subject, subject_id: UUID, owner_id: UUID | None
) -> None:
    data = contacts.FileRemoved(id=id, owner_id=owner_id, version=version + 1, subject=subject, subject_id=subject_id)
    tx.record(contacts.FILE_REMOVED, subject="file", id=id, sequence=data.version, data=data)
