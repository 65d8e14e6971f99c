"""Statements on people. A merged loser is never found here by its own id: callers resolve ids first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access import policy
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.filters import Filters, at_least, before, equals
from crm_chassis.paging import Keyset
from crm_chassis.sought import among, few
from crm_chassis.tables import alias
from crm_chassis.writes import Writes, inserting, prefixed
from crm_contracts.contacts import OwnerSource
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_contacts.capture.models import call_link
from crm_contacts.identities import repository as identities
from crm_contacts.identities.models import identity
from crm_contacts.identities.repository import PERSON
from crm_contacts.identities.rules import Entry, Identity, Kind
from crm_contacts.people.models import person
from crm_contacts.people.schemas import PersonQuery
from crm_contacts.removing import Card
from crm_contacts.search.conditions import naming
from crm_contacts.search.rules import SearchQuery
from crm_contacts.timeline.models import timeline_item
from crm_contacts.timeline.rules import ATTACHED

LIVING = person.c.merged_at.is_(None)
_INSERT = sa.insert(person)
_UPDATE = sa.update(person).where(person.c.id == sa.bindparam("p_id"))
_ANY = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))
_LOCK_MANY = (
    sa.select(person.c.id, person.c.owner_id, person.c.version)
    .where(person.c.id == _ANY, LIVING)
    .order_by(person.c.id)
    .with_for_update()
)
_IN_USE = sa.select(person.c.id).where(
    person.c.id == _ANY,
    sa.or_(
        # A note or a file on the card itself goes with it.
        sa.exists().where(
            timeline_item.c.person_id == person.c.id,
            sa.or_(timeline_item.c.kind.not_in(ATTACHED), timeline_item.c.deal_id.is_not(None)),
        ),
        sa.exists().where(call_link.c.person_id == person.c.id),
        sa.exists().where(alias.c.noun == "person", alias.c.winner == person.c.id),
    ),
)
_DROP_IDENTITIES = sa.delete(identity).where(identity.c.person_id == _ANY)
_DROP = sa.delete(person).where(person.c.id == _ANY)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as stored, with the phones and e-mails in their order."""

    id: UUID
    name: str
    company_id: UUID | None
    owner_id: UUID | None
    owner_source: OwnerSource
    source: str
    locale: str | None
    origin_call_id: UUID | None
    created_at: datetime
    updated_at: datetime
    version: int
    identities: tuple[Identity, ...] = ()


_STORED = (
    "id",
    "name",
    "company_id",
    "owner_id",
    "owner_source",
    "source",
    "locale",
    "origin_call_id",
    "created_at",
    "updated_at",
    "version",
)
_COLUMNS = [person.c[name] for name in _STORED]
_ADD = Writes(inserting(person, "person", *_STORED), identities.ADD)
SHOWN = [*_COLUMNS, person.c.name_key, identities.reach(PERSON, person.c.id)]

SORTS = {
    "name": Keyset(("name_key", person.c.name_key, "asc"), ("id", person.c.id, "asc")),
    "-created_at": Keyset(("created_at", person.c.created_at, "desc"), ("id", person.c.id, "desc")),
}


def _with_identity(kind: Kind) -> Any:
    return lambda value: person.c.id.in_(identities.cards_with(PERSON, kind, identity.c.value == value))


_FILTERS = Filters(
    {
        "owner_id": equals(person.c.owner_id),
        "company_id": equals(person.c.company_id),
        "source": equals(person.c.source),
        "phone": _with_identity("phone"),
        "email": _with_identity("email"),
        "created_from": at_least(person.c.created_at),
        "created_before": before(person.c.created_at),
    }
)


def shown(caller: Principal) -> sa.Select[Any]:
    """People the caller may read, with column `reach`."""
    return sa.select(*SHOWN).where(LIVING, policy.visible(caller, "person", "read", person.c.owner_id))


async def page(
    connection: AsyncConnection, caller: Principal, query: PersonQuery, wanted: SearchQuery | None
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of the people the caller may read, and the cursor of the next."""
    keyset = SORTS[query.sort]
    narrowed = _FILTERS.apply(shown(caller), query)
    if query.whose:
        narrowed = narrowed.where(policy.owned(caller, query.whose, person.c.owner_id))
    if wanted:
        named = naming(narrowed, "person", wanted)
        ids = await few(connection, named.with_only_columns(person.c.id))
        narrowed = named if ids is None else narrowed.where(among(person.c.id, ids))
    statement = keyset.apply(narrowed, query.cursor, query.limit)
    return keyset.page((await connection.execute(statement)).all(), query.limit)


async def one(connection: AsyncConnection, caller: Principal, person_id: UUID) -> sa.Row[Any] | None:
    """The person if the caller may read it."""
    result = await connection.execute(shown(caller).where(person.c.id == person_id))
    row: sa.Row[Any] | None = result.one_or_none()
    return row


async def lock(tx: Transaction, person_id: UUID) -> Person | None:
    """The living person, nobody else changing it until this transaction ends."""
    rows = await tx.execute(sa.select(*_COLUMNS).where(person.c.id == person_id, LIVING).with_for_update())
    row = rows.first()
    return await _whole(tx, row) if row else None


async def lock_for(tx: Transaction, caller: Principal, action: str, person_id: UUID) -> tuple[Person, bool] | None:
    """As `lock`, for a person the caller may read, and whether the caller may also `action` it."""
    may = policy.visible(caller, "person", action, person.c.owner_id).label("may")
    readable = policy.visible(caller, "person", "read", person.c.owner_id)
    rows = await tx.execute(
        sa.select(*_COLUMNS, may).where(person.c.id == person_id, LIVING, readable).with_for_update()
    )
    row = rows.first()
    return (await _whole(tx, row), bool(row.may)) if row else None


async def _whole(tx: Transaction, row: sa.Row[Any]) -> Person:
    own = await identities.of_card(tx, PERSON, row.id)
    return Person(**{name: getattr(row, name) for name in _STORED}, identities=tuple(own))


async def insert(tx: Transaction, new: Person) -> None:
    """The person and its identities are stored."""
    await tx.execute(_INSERT, _row(new))
    await identities.store(tx, PERSON, [(new.id, new.identities)])


def insert_at_end(tx: Transaction, new: Person) -> None:
    """As `insert`, when the transaction ends; nobody else has the identities."""
    tx.at_end(_ADD, prefixed("person", _row(new)) | identities.given(PERSON, new.id, new.identities))


async def update(tx: Transaction, changed: Person, *, with_identities: bool) -> None:
    """The stored person is as given; identities are rewritten only when asked."""
    values = _row(changed)
    await tx.execute(_UPDATE, values | {"p_id": values.pop("id")})
    if with_identities:
        await identities.replace(tx, PERSON, changed.id, changed.identities)


def _row(whole: Person) -> dict[str, Any]:
    return {name: getattr(whole, name) for name in _STORED}


async def lock_many(tx: Transaction, ids: Sequence[UUID]) -> list[Card]:
    """Those of the ids that are living people, nobody else changing them until this transaction ends."""
    rows = await tx.execute(_LOCK_MANY, {"ids": list(ids)})
    return [Card(row.id, row.owner_id, row.version) for row in rows]


async def in_use(tx: Transaction, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the people on whom calls, history or cards merged into theirs hang."""
    return set((await tx.execute(_IN_USE, {"ids": list(ids)})).scalars())


async def drop(tx: Transaction, ids: Sequence[UUID]) -> None:
    """The people and their identities are gone; nothing hangs on them and their rows are locked."""
    for statement in (_DROP_IDENTITIES, _DROP):
        await tx.execute(statement, {"ids": list(ids)})


async def duplicates(
    tx: Transaction, caller: Principal, own_id: UUID, entries: Sequence[Entry], limit: int
) -> Sequence[sa.Row[Any]]:
    """The oldest other people the caller may read who share an identity: id, name, matches."""
    if not any(entry.value for entry in entries):
        return []
    statement, rights = _sharing(caller)
    given = {"pairs": identities.pairs(entries), "own_id": own_id, "most": limit}
    return (await tx.execute(statement, rights | given)).all()


@per_rights
def _sharing(caller: Principal) -> sa.Select[Any]:
    return (
        sa.select(person.c.id, person.c.name, sa.func.array_agg(identity.c.value.distinct()).label("matches"))
        .join(identity, person.c.id == PERSON)
        .where(
            identities.AMONG_PAIRS,
            person.c.id != sa.bindparam("own_id"),
            LIVING,
            policy.visible(caller, "person", "read", person.c.owner_id),
        )
        .group_by(person.c.id)
        .order_by(person.c.created_at, person.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
