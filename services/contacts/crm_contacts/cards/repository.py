"""Statements of cards, few on purpose: a card costs three, however much stands on it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_contacts.companies import repository as companies
from crm_contacts.companies.models import company
from crm_contacts.identities.repository import COMPANY, reach
from crm_contacts.people import repository as people
from crm_contacts.people.models import person


async def person_with_company(connection: AsyncConnection, caller: Principal, person_id: UUID) -> sa.Row[Any] | None:
    """The person if the caller may read it; column `company` is null unless the caller may read that too."""
    statement, rights = _person_with_company(caller)
    row: sa.Row[Any] | None = (await connection.execute(statement, rights | {"person_id": person_id})).first()
    return row


@per_rights
def _person_with_company(caller: Principal) -> sa.Select[Any]:
    theirs = (
        sa.select(
            sa.func.json_build_object(
                "id",
                company.c.id,
                "name",
                company.c.name,
                "owner_id",
                company.c.owner_id,
                "reach",
                reach(COMPANY, company.c.id).element,
                type_=JSON,
            )
        )
        .where(company.c.id == person.c.company_id, companies.readable(caller))
        .correlate(person)
        .scalar_subquery()
        .label("company")
    )
    return people.shown(caller).add_columns(theirs).where(person.c.id == sa.bindparam("person_id"))


async def people_of(
    connection: AsyncConnection, caller: Principal, company_id: UUID, limit: int
) -> Sequence[sa.Row[Any]]:
    """The company's first people by name whom the caller may read."""
    statement = people.shown(caller).where(person.c.company_id == company_id)
    ordered = statement.order_by(person.c.name_key, person.c.id).limit(limit)
    rows: Sequence[sa.Row[Any]] = (await connection.execute(ordered)).all()
    return rows
