"""Statements of a merge: what belonged to the loser belongs to the winner."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction

from crm_contacts import attached
from crm_contacts.capture.models import call_link
from crm_contacts.identities.models import identity
from crm_contacts.people.models import person
from crm_contacts.timeline import places


async def move_history(tx: Transaction, loser_id: UUID, winner_id: UUID) -> None:
    """Calls, notes, files, items, deals of the loser are the winner's; identities the winner already had are gone."""
    links = sa.update(call_link).where(call_link.c.person_id == loser_id)
    await tx.execute(links.values(person_id=winner_id))
    await attached.move_person(tx, loser_id, winner_id)
    for place in await places.written(tx):
        await place.move_person(tx, loser_id, winner_id)
    await tx.execute(sa.delete(identity).where(identity.c.person_id == loser_id))


async def retire(tx: Transaction, loser_id: UUID, moment: datetime) -> None:
    """The loser's card shows nowhere any more; its row stays."""
    await tx.execute(sa.update(person).where(person.c.id == loser_id).values(merged_at=moment))
