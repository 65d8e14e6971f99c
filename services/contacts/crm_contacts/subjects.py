"""What notes and files may be on: people and companies, and deals as far as the timeline's copy knows them.

Who may see what a note or a file is on may see it too: neither has rights of its own.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis import aliases, removals
from crm_chassis.access import policy
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.problems import UnknownReference
from crm_chassis.references import require_reference
from crm_contracts.contacts import Subject
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_contacts import locks
from crm_contacts.companies.models import company
from crm_contacts.people.models import person
from crm_contacts.people.repository import LIVING
from crm_contacts.timeline.models import timeline_deal

# Of each: its id, its owner, and which of its rows are there.
_SUBJECTS: dict[Subject, tuple[sa.ColumnElement[UUID], sa.ColumnElement[Any], sa.ColumnElement[bool]]] = {
    "person": (person.c.id, person.c.owner_id, LIVING),
    "company": (company.c.id, company.c.owner_id, sa.true()),
    "deal": (timeline_deal.c.deal_id, timeline_deal.c.owner_id, sa.true()),
}


def reaches(caller: Principal, action: str, subject: Subject, id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Condition: the subject is there and the caller may `action` it."""
    return sa.exists().where(*_reaches(caller, action, subject, id))


def on_reached(table: sa.Table, caller: Principal, action: str) -> sa.ColumnElement[bool]:
    """Condition on rows of `table`, each with its subject and subject_id: the caller may `action` what it is on."""
    return sa.or_(
        *(
            sa.and_(
                table.c.subject == subject,
                reaches(caller, action, subject, table.c.subject_id).correlate(table),
            )
            for subject in _SUBJECTS
        )
    )


def owner_of(table: sa.Table) -> sa.ColumnElement[Any]:
    """Whose the subject of a row of `table` is now."""
    return sa.case(
        *(
            (table.c.subject == subject, sa.select(owner).where(key == table.c.subject_id, there).scalar_subquery())
            for subject, (key, owner, there) in _SUBJECTS.items()
        )
    )


async def living(connection: AsyncConnection, subject: Subject, id: UUID) -> UUID:
    """The subject's id; of a merged person that of the card that lives on."""
    return await aliases.resolve(connection, "person", id) if subject == "person" else id


async def hold(tx: Transaction, caller: Principal, subject: Subject, id: UUID) -> tuple[UUID, UUID | None]:
    """The living subject's id and whose it is; it stays, unmerged, until this transaction ends.

    For whoever sees the subject and may change such things: Forbidden without that right, UnknownReference for a
    subject the caller may not see. A deal the copy lacks the gateway may vouch for: whose it is is then not known.
    """
    policy.require(caller, subject, "update")
    await locks.no_merge_meanwhile(tx)
    id = await living(tx.connection, subject, id)
    owner = _SUBJECTS[subject][1]
    statement = sa.select(owner.label("owner_id")).where(*_reaches(caller, "read", subject, sa.literal(id, sa.Uuid)))
    row = (await tx.execute(statement.with_for_update(read=True, key_share=True))).first()
    seen = row is not None
    if subject == "deal":
        require_reference(caller, "deal", id, seen)
        seen = await removals.stands(tx, "deal", id)
    if not seen:
        raise UnknownReference(subject, id)
    return id, row.owner_id if row else None


def _reaches(
    caller: Principal, action: str, subject: Subject, id: sa.ColumnElement[UUID]
) -> tuple[sa.ColumnElement[bool], ...]:
    key, owner, there = _SUBJECTS[subject]
    return key == id, there, policy.visible(caller, subject, action, owner)
