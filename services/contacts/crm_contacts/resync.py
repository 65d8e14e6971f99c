"""The current state of people and companies, streamed to one reader's queue when it asks anew."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_contracts import contacts
from pydantic import BaseModel

from crm_contacts.companies.models import company
from crm_contacts.companies.repository import SHOWN as COMPANY_SHOWN
from crm_contacts.people.models import person
from crm_contacts.people.repository import LIVING
from crm_contacts.people.repository import SHOWN as PERSON_SHOWN

CHUNK = 1000


async def people(tx: Transaction, to_queue: str) -> None:
    """Every living person goes to `to_queue` with its current sequence."""
    everyone = sa.select(*PERSON_SHOWN).where(LIVING)
    await _stream(tx, to_queue, "person", person, everyone, contacts.PERSON_UPDATED, _person)


async def companies(tx: Transaction, to_queue: str) -> None:
    """Every company goes to `to_queue` with its current sequence."""
    every = sa.select(*COMPANY_SHOWN)
    await _stream(tx, to_queue, "company", company, every, contacts.COMPANY_UPDATED, _company)


async def _stream(
    tx: Transaction,
    to_queue: str,
    noun: str,
    table: sa.Table,
    statement: sa.Select[Any],
    event: str,
    state: Callable[[sa.Row[Any]], BaseModel],
) -> None:
    last: UUID | None = None
    while True:
        after = statement.where(table.c.id > last) if last else statement
        rows = (await tx.execute(after.order_by(table.c.id).limit(CHUNK))).all()
        for row in rows:
            tx.redirect(to_queue, event, subject=noun, id=row.id, sequence=row.version, data=state(row))
        await tx.flush()
        if len(rows) < CHUNK:
            return
        last = rows[-1].id


def _person(row: sa.Row[Any]) -> contacts.PersonState:
    pii = {"name": row.name, **row.reach}
    return contacts.PersonState.model_validate({**row._mapping, "pii": pii})


def _company(row: sa.Row[Any]) -> contacts.CompanyState:
    return contacts.CompanyState.model_validate({**row._mapping, "pii": row.reach})
