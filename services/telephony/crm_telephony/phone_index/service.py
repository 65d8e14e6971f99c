"""Use cases of the phone index: keep it, and answer a PBX that asks who is calling."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_chassis.aliases import add_alias, resolve_many
from crm_chassis.database import Transaction
from crm_chassis.decode import newest_per_subject
from crm_chassis.removals import take_removals
from crm_contracts.contacts import PERSON_MERGED, PERSON_REMOVED, PersonMerged, PersonState
from crm_contracts.envelope import Envelope
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.phone_index import repository

PERSON = "person"


async def apply_people(tx: Transaction, events: Sequence[Envelope]) -> None:
    """People's names, phones and owners stand as their newest event tells; a card merged away or removed has none."""
    removed, events = await take_removals(tx, PERSON, PERSON_REMOVED, events)
    await repository.forget(tx, sorted(removed))
    merged = [PersonMerged.model_validate(event.data) for event in events if event.type == PERSON_MERGED]
    for merge in merged:
        await add_alias(tx, PERSON, merge.loser_id, merge.winner_id)
    states = {}
    for event in newest_per_subject(events):
        state = PersonState.model_validate(event.data)
        states[state.id] = (event.sequence, state)
    lives = await resolve_many(tx.connection, PERSON, [*states, *(merge.loser_id for merge in merged)])
    await repository.forget(tx, [id for id, winner in lives.items() if id != winner])
    rows = [
        {"id": id, "owner_id": state.owner_id, "name": state.pii.name, "version": sequence}
        for id, (sequence, state) in sorted(states.items())
        if lives[id] == id
    ]
    newer = await repository.keep_people(tx, rows)
    phones: dict[UUID, dict[str, Any]] = {
        phone.id: {"phone_id": phone.id, "person_id": id, "e164": phone.e164}
        for id in newer
        for phone in states[id][1].pii.phones
    }
    await repository.replace_phones(tx, newer, list(phones.values()))


async def look_up(connection: AsyncConnection, connection_id: UUID, e164: str) -> dict[str, Any]:
    """Who has this number: `match` one, many or none; with one, the card, its owner and the owner's extension."""
    rows = await repository.look_up(connection, connection_id, e164)
    if len(rows) != 1:
        return unknown("many" if rows else "none")
    row = rows[0]
    return {"match": "one", "person_id": row.id, "owner_id": row.owner_id, "extension": row.extension}


def unknown(match: str = "none") -> dict[str, Any]:
    """The answer to a question we can not answer: the PBX routes as if it had not asked."""
    return {"match": match, "person_id": None, "owner_id": None, "extension": None}
