"""Statements on companies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access import policy
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.filters import Filters, at_least, before, equals
from crm_chassis.paging import Keyset
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_contacts.companies.models import company
from crm_contacts.companies.schemas import CompanyQuery
from crm_contacts.identities import repository as identities
from crm_contacts.identities.models import identity
from crm_contacts.identities.repository import COMPANY
from crm_contacts.identities.rules import Identity, Kind


@dataclass(frozen=True, slots=True)
class Company:
    """A company as stored, with the phones and e-mails in their order."""

    id: UUID
    name: str
    owner_id: UUID | None
    created_at: datetime
    updated_at: datetime
    version: int
    identities: tuple[Identity, ...] = ()


_STORED = ("id", "name", "owner_id", "created_at", "updated_at", "version")
_COLUMNS = [company.c[name] for name in _STORED]
SHOWN = [*_COLUMNS, company.c.name_key, identities.reach(COMPANY, company.c.id)]

SORTS = {
    "name": Keyset(("name_key", company.c.name_key, "asc"), ("id", company.c.id, "asc")),
    "-created_at": Keyset(("created_at", company.c.created_at, "desc"), ("id", company.c.id, "desc")),
}


def _with_identity(kind: Kind) -> Any:
    return lambda value: company.c.id.in_(identities.cards_with(COMPANY, kind, identity.c.value == value))


_FILTERS = Filters(
    {
        "owner_id": equals(company.c.owner_id),
        "phone": _with_identity("phone"),
        "email": _with_identity("email"),
        "created_from": at_least(company.c.created_at),
        "created_before": before(company.c.created_at),
    }
)


def readable(caller: Principal) -> sa.ColumnElement[bool]:
    """Condition on companies the caller may read."""
    return policy.visible(caller, "company", "read", company.c.owner_id)


def shown(caller: Principal) -> sa.Select[Any]:
    """Companies the caller may read, with column `reach`."""
    return sa.select(*SHOWN).where(readable(caller))


async def page(
    connection: AsyncConnection, caller: Principal, query: CompanyQuery
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of the companies the caller may read, and the cursor of the next."""
    keyset = SORTS[query.sort]
    statement = keyset.apply(_FILTERS.apply(shown(caller), query), query.cursor, query.limit)
    return keyset.page((await connection.execute(statement)).all(), query.limit)


async def one(connection: AsyncConnection, caller: Principal, company_id: UUID) -> sa.Row[Any] | None:
    """The company if the caller may read it."""
    result = await connection.execute(shown(caller).where(company.c.id == company_id))
    row: sa.Row[Any] | None = result.one_or_none()
    return row


async def is_visible(tx: Transaction, caller: Principal, company_id: UUID) -> bool:
    """True when the caller may read this company."""
    found = await tx.scalar(sa.select(company.c.id).where(company.c.id == company_id, readable(caller)))
    return found is not None


async def lock_for(tx: Transaction, caller: Principal, action: str, company_id: UUID) -> tuple[Company, bool] | None:
    """The company if the caller may read it, locked, and whether the caller may also `action` it."""
    may = policy.visible(caller, "company", action, company.c.owner_id).label("may")
    rows = await tx.execute(
        sa.select(*_COLUMNS, may).where(company.c.id == company_id, readable(caller)).with_for_update()
    )
    row = rows.first()
    if row is None:
        return None
    own = await identities.of_card(tx, COMPANY, row.id)
    return Company(**{name: getattr(row, name) for name in _STORED}, identities=tuple(own)), bool(row.may)


async def insert(tx: Transaction, new: Company) -> None:
    """The company and its identities are stored."""
    await tx.execute(sa.insert(company), _row(new))
    if new.identities:
        await identities.replace(tx, COMPANY, new.id, new.identities)


async def update(tx: Transaction, changed: Company, *, with_identities: bool) -> None:
    """The stored company is as given; identities are rewritten only when asked."""
    values = _row(changed)
    await tx.execute(sa.update(company).where(company.c.id == values.pop("id")).values(values))
    if with_identities:
        await identities.replace(tx, COMPANY, changed.id, changed.identities)


def _row(whole: Company) -> dict[str, Any]:
    return {name: getattr(whole, name) for name in _STORED}
