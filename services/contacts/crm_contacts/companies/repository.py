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
from crm_chassis.sought import among, few
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_contacts.companies.models import company
from crm_contacts.companies.schemas import CompanyQuery
from crm_contacts.identities import repository as identities
from crm_contacts.identities.models import identity
from crm_contacts.identities.repository import COMPANY
from crm_contacts.identities.rules import Identity, Kind
from crm_contacts.people.models import person
from crm_contacts.removing import Card
from crm_contacts.search.conditions import naming
from crm_contacts.search.rules import SearchQuery
from crm_contacts.timeline.models import timeline_item
from crm_contacts.timeline.rules import ATTACHED


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


_ANY = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))
_LOCK_MANY = (
    sa.select(company.c.id, company.c.owner_id, company.c.version)
    .where(company.c.id == _ANY)
    .order_by(company.c.id)
    .with_for_update()
)
_IN_USE = sa.select(company.c.id).where(
    company.c.id == _ANY,
    sa.or_(
        sa.exists().where(person.c.company_id == company.c.id, person.c.merged_at.is_(None)),
        # A note or a file on the card itself goes with it.
        sa.exists().where(
            timeline_item.c.company_id == company.c.id,
            sa.or_(timeline_item.c.kind.not_in(ATTACHED), timeline_item.c.deal_id.is_not(None)),
        ),
    ),
)
# Cards merged away show nowhere, so they keep no company; what is left of them forgets it.
_LEAVE = sa.update(person).where(person.c.company_id == _ANY, person.c.merged_at.is_not(None)).values(company_id=None)
_DROP_IDENTITIES = sa.delete(identity).where(identity.c.company_id == _ANY)
_DROP = sa.delete(company).where(company.c.id == _ANY)


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
    connection: AsyncConnection, caller: Principal, query: CompanyQuery, wanted: SearchQuery | None
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of the companies the caller may read, and the cursor of the next."""
    keyset = SORTS[query.sort]
    narrowed = _FILTERS.apply(shown(caller), query)
    if query.whose:
        narrowed = narrowed.where(policy.owned(caller, query.whose, company.c.owner_id))
    if wanted:
        named = naming(narrowed, "company", wanted)
        ids = await few(connection, named.with_only_columns(company.c.id))
        narrowed = named if ids is None else narrowed.where(among(company.c.id, ids))
    statement = keyset.apply(narrowed, query.cursor, query.limit)
    return keyset.page((await connection.execute(statement)).all(), query.limit)


async def one(connection: AsyncConnection, caller: Principal, company_id: UUID) -> sa.Row[Any] | None:
    """The company if the caller may read it."""
    result = await connection.execute(shown(caller).where(company.c.id == company_id))
    row: sa.Row[Any] | None = result.one_or_none()
    return row


async def is_visible(tx: Transaction, caller: Principal, company_id: UUID) -> bool:
    """True when the caller may read this company; it can not be removed until this transaction ends."""
    query = sa.select(company.c.id).where(company.c.id == company_id, readable(caller))
    found = await tx.scalar(query.with_for_update(read=True, key_share=True))
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


async def lock_many(tx: Transaction, ids: Sequence[UUID]) -> list[Card]:
    """Those of the ids that are companies, nobody else changing them until this transaction ends."""
    rows = await tx.execute(_LOCK_MANY, {"ids": list(ids)})
    return [Card(row.id, row.owner_id, row.version) for row in rows]


async def in_use(tx: Transaction, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the companies that have people or history."""
    return set((await tx.execute(_IN_USE, {"ids": list(ids)})).scalars())


async def drop(tx: Transaction, ids: Sequence[UUID]) -> None:
    """The companies and their identities are gone; nothing hangs on them and their rows are locked."""
    for statement in (_LEAVE, _DROP_IDENTITIES, _DROP):
        await tx.execute(statement, {"ids": list(ids)})


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
