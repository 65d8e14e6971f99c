"""Statements on identities. `card` is the column that names the card: PERSON or COMPANY."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import ARRAY, JSON, aggregate_order_by, insert

from crm_contacts.identities.models import identity
from crm_contacts.identities.rules import Entry, Identity, Kind

PERSON = identity.c.person_id
COMPANY = identity.c.company_id
_ENTERED = insert(identity)
_STORE = _ENTERED.on_conflict_do_update(
    index_elements=[identity.c.id],
    set_={name: _ENTERED.excluded[name] for name in ("person_id", "company_id", "raw", "label", "position")},
)
_TOLD = ("id", "person_id", "company_id", "kind", "value", "raw", "label", "position")
_arrays = sa.func.unnest(*(sa.bindparam(f"identity_{name}", type_=ARRAY(identity.c[name].type)) for name in _TOLD))
_listed = _arrays.table_valued(*_TOLD).render_derived()
ADD = sa.insert(identity).from_select(_TOLD, sa.select(*_listed.c))
"""New identities of one card, with the parameters of `given`; a part of `Writes`."""
AMONG_PAIRS = sa.tuple_(identity.c.kind, identity.c.value).in_(sa.bindparam("pairs", expanding=True))
"""Condition on identities: equal to one of `pairs`."""
_DROP = sa.delete(identity).where(identity.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid))))


def reach(card: sa.Column[UUID], card_id: sa.ColumnElement[UUID]) -> sa.Label[Any]:
    """Column `reach` {phones: [{id, e164, raw, kind}], emails: [{id, address}]} of each selected card."""
    phone = _object(id=identity.c.id, e164=identity.c.value, raw=identity.c.raw, kind=identity.c.label)
    email = _object(id=identity.c.id, address=identity.c.raw)
    return (
        sa.select(_object(phones=_list(phone, "phone"), emails=_list(email, "email")))
        .where(card == card_id)
        .correlate_except(identity)
        .scalar_subquery()
        .label("reach")
    )


def _object(**members: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    parts = [part for name, value in members.items() for part in (sa.literal_column(f"'{name}'"), value)]
    return sa.func.json_build_object(*parts, type_=JSON)


def _list(entry: sa.ColumnElement[Any], kind: Kind) -> sa.ColumnElement[Any]:
    listed = sa.func.json_agg(aggregate_order_by(entry, identity.c.position))
    return sa.func.coalesce(listed.filter(is_kind(kind)), sa.literal_column("'[]'::json"))


def is_kind(kind: Kind) -> sa.ColumnElement[bool]:
    """Condition on identities; a literal, because partial indexes are not found by a parameter."""
    return identity.c.kind == sa.literal_column(f"'{kind}'")


def cards_with(card: sa.Column[UUID], kind: Kind, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Ids of the cards that have an identity of `kind` under `condition`."""
    return sa.select(card).where(is_kind(kind), condition, card.is_not(None))


def pairs(entries: Sequence[Entry]) -> list[tuple[Kind, str]]:
    """What `AMONG_PAIRS` is asked with: entries without a value never match."""
    return [(entry.kind, entry.value) for entry in entries if entry.value]


async def of_card(tx: Transaction, card: sa.Column[UUID], card_id: UUID) -> list[Identity]:
    """The card's identities: phones, then e-mails, in the order entered."""
    rows = await tx.execute(
        sa.select(identity).where(card == card_id).order_by(identity.c.kind.desc(), identity.c.position)
    )
    return [Identity(row.id, Entry(row.kind, row.value, row.raw, row.label)) for row in rows]


async def replace(tx: Transaction, card: sa.Column[UUID], card_id: UUID, identities: Sequence[Identity]) -> None:
    """The card has exactly these identities, in this order, also those another card had until now."""
    await tx.execute(
        sa.delete(identity).where(
            card == card_id,
            identity.c.id != sa.all_(sa.bindparam("kept", type_=ARRAY(sa.Uuid))),
        ),
        {"kept": [kept.id for kept in identities]},
    )
    await store(tx, card, [(card_id, identities)])


async def store(tx: Transaction, card: sa.Column[UUID], lists: Iterable[tuple[UUID, Sequence[Identity]]]) -> None:
    """Each card has these identities in this order, beside those it had; also those another card had until now."""
    rows = [_row(card, card_id, kept, position) for card_id, own in lists for position, kept in enumerate(own)]
    if rows:
        await tx.execute(_STORE, rows)


async def drop(tx: Transaction, ids: Sequence[UUID]) -> None:
    """No card has these identities."""
    if ids:
        await tx.execute(_DROP, {"ids": list(ids)})


def given(card: sa.Column[UUID], card_id: UUID, own: Sequence[Identity]) -> dict[str, Any]:
    """The parameters of `ADD` for a new card."""
    rows = [_row(card, card_id, kept, position) for position, kept in enumerate(own)]
    return {f"identity_{name}": [row[name] for row in rows] for name in _TOLD}


def _row(card: sa.Column[UUID], card_id: UUID, kept: Identity, position: int) -> dict[str, Any]:
    return {
        "id": kept.id,
        "person_id": card_id if card is PERSON else None,
        "company_id": card_id if card is COMPANY else None,
        "kind": kept.entry.kind,
        "value": kept.entry.value,
        "raw": kept.entry.raw,
        "label": kept.entry.label,
        "position": position,
    }
