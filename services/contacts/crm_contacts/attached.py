"""What hangs on people, companies and deals, goes with them and is kept by a merge: notes and files."""

from collections.abc import Collection, Mapping
from uuid import UUID

from crm_chassis.database import Transaction
from crm_contracts.contacts import Subject

from crm_contacts.files import repository as files
from crm_contacts.files.service import erase as erase_files
from crm_contacts.notes import repository as notes
from crm_contacts.notes.service import erase as erase_notes


async def erase(tx: Transaction, subject: Subject, owners: Mapping[UUID, UUID | None]) -> None:
    """Nothing is on these subjects any more, which are no more; `owners` say whose each was last."""
    await erase_notes(tx, subject, owners)
    await erase_files(tx, subject, owners)


async def holders(tx: Transaction, subject: Subject, ids: Collection[UUID]) -> set[UUID]:
    """Those of the subjects somebody has put something on."""
    return await notes.noted(tx, subject, ids) | await files.holders(tx, subject, ids)


async def move_person(tx: Transaction, loser_id: UUID, winner_id: UUID) -> None:
    """What is on the loser is on the winner."""
    await notes.move_person(tx, loser_id, winner_id)
    await files.move_person(tx, loser_id, winner_id)
