"""The use case of merging two people."""

from dataclasses import replace
from uuid import UUID

from crm_chassis import aliases
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.problems import Conflict, Forbidden, NotFound
from crm_contracts import contacts

from crm_contacts import locks
from crm_contacts.identities.rules import union
from crm_contacts.merging import repository
from crm_contacts.people import repository as people
from crm_contacts.people.repository import Person
from crm_contacts.people.service import changes, state


async def merge(tx: Transaction, caller: Principal, winner_id: UUID, loser_id: UUID) -> Person:
    """One card is left: the winner, with everything of both; the loser's id leads to it for ever.

    Fields the winner lacks come from the loser. NotFound when either is invisible, Forbidden without the right to
    merge both, Conflict when they already are one card.
    """
    await locks.merge_alone(tx)
    resolved = await aliases.resolve_many(tx.connection, "person", [winner_id, loser_id])
    if resolved[winner_id] == resolved[loser_id]:
        await _locked(tx, caller, resolved[winner_id])
        raise Conflict("Both ids lead to the same card.", code="same_person")
    both = {id: await _locked(tx, caller, id) for id in sorted(resolved.values())}
    winner, loser = both[resolved[winner_id]], both[resolved[loser_id]]

    moment = now()
    owner = winner if winner.owner_id else loser
    after, changed = changes(
        winner,
        {
            "owner_id": owner.owner_id,
            "owner_source": owner.owner_source,
            "company_id": winner.company_id or loser.company_id,
            "locale": winner.locale or loser.locale,
            "identities": tuple(union(winner.identities, loser.identities)),
        },
    )
    after = replace(after, version=winner.version + 1, updated_at=moment)
    await people.update(tx, after, with_identities=True)
    await repository.move_history(tx, loser.id, winner.id)
    await repository.retire(tx, loser.id, moment)
    await aliases.add_alias(tx, "person", loser.id, winner.id)
    tx.record(
        contacts.PERSON_MERGED,
        subject="person",
        id=after.id,
        sequence=after.version,
        data=contacts.PersonMerged(**dict(state(after, changed)), loser_id=loser.id, winner_id=after.id),
    )
    return after


async def _locked(tx: Transaction, caller: Principal, person_id: UUID) -> Person:
    found = await people.lock_for(tx, caller, "merge", person_id)
    if found is None:
        raise NotFound
    person, may_merge = found
    if not may_merge:
        raise Forbidden("You may not merge this card.")
    return person
