"""Use cases of the copy: keep it, and believe what others refer to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.aliases import add_alias, resolve_many
from crm_chassis.database import Transaction
from crm_chassis.decode import newest_per_subject
from crm_chassis.references import require_reference
from crm_chassis.removals import take_removals
from crm_contracts.contacts import (
    COMPANY_REMOVED,
    PERSON_MERGED,
    PERSON_REMOVED,
    CompanyState,
    PersonMerged,
    PersonState,
)
from crm_contracts.envelope import Envelope

from crm_deals.cards import repository

_REMOVALS = {"person": PERSON_REMOVED, "company": COMPANY_REMOVED}


async def apply_cards(tx: Transaction, events: Sequence[Envelope]) -> None:
    """People and companies stand as their newest event tells, the removed nowhere; a merged id leads to the card that
    lives on."""
    told: dict[str, list[Envelope]] = {noun: [] for noun in _REMOVALS}
    for event in events:
        told[event.subject.partition("/")[0]].append(event)
    # The noun that has removals first: its lock is the stronger, and two who raise theirs wait for each other.
    for noun in sorted(_REMOVALS, key=lambda noun: all(event.type != _REMOVALS[noun] for event in told[noun])):
        removed, told[noun] = await take_removals(tx, noun, _REMOVALS[noun], told[noun])
        await repository.forget(tx, noun, removed)
    await _keep_people(tx, told["person"])
    await _keep_companies(tx, told["company"])


async def _keep_people(tx: Transaction, events: Sequence[Envelope]) -> None:
    losers: list[UUID] = []
    for event in events:
        if event.type == PERSON_MERGED:
            merged = PersonMerged.model_validate(event.data)
            await add_alias(tx, "person", merged.loser_id, merged.winner_id)
            losers.append(merged.loser_id)
    people: list[dict[str, Any]] = []
    for event in newest_per_subject(events):
        person = PersonState.model_validate(event.data)
        people.append(
            {
                "id": person.id,
                "name": person.pii.name,
                "phones": [phone.e164 or phone.raw for phone in person.pii.phones],
                "owner_id": person.owner_id,
                "sequence": event.sequence,
            }
        )
    lives = await resolve_many(tx.connection, "person", (card["id"] for card in people))
    await repository.keep(tx, "person", [card for card in people if lives[card["id"]] == card["id"]])
    await repository.forget(tx, "person", losers)


async def _keep_companies(tx: Transaction, events: Sequence[Envelope]) -> None:
    companies: list[dict[str, Any]] = []
    for event in newest_per_subject(events):
        company = CompanyState.model_validate(event.data)
        told = {"id": company.id, "name": company.name, "owner_id": company.owner_id, "sequence": event.sequence}
        companies.append(told)
    await repository.keep(tx, "company", companies)


async def believed(tx: Transaction, caller: Principal, noun: str, id: UUID) -> UUID:
    """The id under which the card lives on; UnknownReference when neither the copy nor the gateway vouches for it."""
    lives, seen = await repository.known(tx.connection, caller, noun, id)
    require_reference(caller, noun, id, seen)
    return lives
