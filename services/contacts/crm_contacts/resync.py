"""The current state of people, companies and calls' cards, streamed to one reader's queue when it asks anew."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis import aliases
from crm_chassis.database import Transaction
from crm_chassis.resync import PORTION
from crm_contracts import contacts

from crm_contacts.capture.models import call_link
from crm_contacts.companies.models import company
from crm_contacts.companies.repository import SHOWN as COMPANY_SHOWN
from crm_contacts.people.models import person
from crm_contacts.people.repository import SHOWN as PERSON_SHOWN
from crm_contacts.timeline.models import timeline_item

# What a call is, contacts knows from its history. A link whose call is not there yet is news that is on its way.
_LINKS = (
    sa.select(
        *(call_link.c[name] for name in ("call_id", "person_id", "created", "owner_id", "owner_source", "version")),
        timeline_item.c.data,
        timeline_item.c.pii["phone"].as_string().label("phone"),
        person.c.name.label("person_name"),
    )
    .join(timeline_item, timeline_item.c.id == call_link.c.call_id)
    .join(person, person.c.id == call_link.c.person_id)
)


async def people(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """A portion of people goes to `to_queue`: the living as they are now, of the merged where they lead."""
    rows = await _portion(tx, sa.select(*PERSON_SHOWN, person.c.merged_at), person.c.id, after)
    merged = [row.id for row in rows if row.merged_at is not None]
    leads = await aliases.resolve_many(tx.connection, "person", merged)
    winners = await _people_by_id(tx, set(leads.values()))
    for row in rows:
        winner = winners.get(leads[row.id]) if row.merged_at is not None else None
        if winner is not None:
            data = contacts.PersonMerged(**dict(_person(winner)), loser_id=row.id, winner_id=winner.id)
            _send(tx, to_queue, contacts.PERSON_MERGED, "person", winner, data)
        elif row.merged_at is None:
            _send(tx, to_queue, contacts.PERSON_UPDATED, "person", row, _person(row))
    return rows[-1].id if len(rows) == PORTION else None


async def companies(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """A portion of companies goes to `to_queue` as they are now."""
    rows = await _portion(tx, sa.select(*COMPANY_SHOWN), company.c.id, after)
    for row in rows:
        state = contacts.CompanyState.model_validate({**row._mapping, "pii": row.reach})
        _send(tx, to_queue, contacts.COMPANY_UPDATED, "company", row, state)
    return rows[-1].id if len(rows) == PORTION else None


async def calls(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """A portion of calls that have a card goes to `to_queue`, each with its card of now."""
    rows = await _portion(tx, _LINKS, call_link.c.call_id, after)
    for row in rows:
        pii = {"phone": row.phone, "person_name": row.person_name}
        linked = contacts.CallLinked.model_validate({**row.data, **row._mapping, "pii": pii, "changed": []})
        tx.redirect(to_queue, contacts.CALL_LINKED, subject="call", id=row.call_id, sequence=row.version, data=linked)
    return rows[-1].call_id if len(rows) == PORTION else None


async def _portion(
    tx: Transaction, every: sa.Select[Any], id: sa.Column[UUID], after: UUID | None
) -> Sequence[sa.Row[Any]]:
    following = every.where(id > after) if after else every
    return (await tx.execute(following.order_by(id).limit(PORTION))).all()


async def _people_by_id(tx: Transaction, ids: set[UUID]) -> dict[UUID, sa.Row[Any]]:
    if not ids:
        return {}
    rows = await tx.execute(sa.select(*PERSON_SHOWN).where(person.c.id.in_(ids)))
    return {row.id: row for row in rows}


def _send(
    tx: Transaction,
    to_queue: str,
    event: str,
    noun: str,
    row: sa.Row[Any],
    data: contacts.PersonState | contacts.CompanyState,
) -> None:
    tx.redirect(to_queue, event, subject=noun, id=row.id, sequence=row.version, data=data)


def _person(row: sa.Row[Any]) -> contacts.PersonState:
    pii = {"name": row.name, **row.reach}
    return contacts.PersonState.model_validate({**row._mapping, "pii": pii})
