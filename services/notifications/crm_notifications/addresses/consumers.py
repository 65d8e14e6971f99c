"""Reader notifications.addresses: cards of people become addresses."""

from collections.abc import Sequence

from crm_chassis.aliases import add_alias, resolve_many
from crm_chassis.database import Transaction
from crm_chassis.decode import newest_per_subject
from crm_chassis.removals import take_removals
from crm_contracts.contacts import PERSON_MERGED, PERSON_REMOVED, PersonMerged, PersonState
from crm_contracts.envelope import Envelope

from crm_notifications.addresses import repository


async def apply_people(tx: Transaction, events: Sequence[Envelope]) -> None:
    """Addresses stand as the newest event of each person tells, of the removed none; a merged id leads to the card
    that lives on."""
    removed, events = await take_removals(tx, "person", PERSON_REMOVED, events)
    await repository.forget(tx, sorted(removed))
    losers = []
    for event in sorted(events, key=lambda event: event.time):
        if event.type == PERSON_MERGED:
            merged = PersonMerged.model_validate(event.data)
            await add_alias(tx, "person", merged.loser_id, merged.winner_id)
            losers.append(merged.loser_id)
    newest = newest_per_subject(events)
    lives = await resolve_many(tx.connection, "person", (event.subject_id for event in newest))
    rows = []
    for event in newest:
        person = PersonState.model_validate(event.data)
        if lives[person.id] != person.id:
            continue
        rows.append(
            {
                "person_id": person.id,
                "owner_id": person.owner_id,
                "name": person.pii.name,
                "locale": person.locale,
                "phones": [{"e164": phone.e164, "kind": phone.kind} for phone in person.pii.phones],
                "emails": [email.address for email in person.pii.emails],
                "version": event.sequence,
            }
        )
    if rows:
        # One order for all writers, so that two batches never wait for each other.
        await repository.keep_newest(tx, sorted(rows, key=lambda row: str(row["person_id"])))
    await repository.forget(tx, losers)
