"""Statements of the timeline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access import policy
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_contacts.companies import repository as companies
from crm_contacts.companies.models import company
from crm_contacts.people.models import person
from crm_contacts.people.repository import LIVING
from crm_contacts.timeline.models import timeline_item
from crm_contacts.timeline.places import Place
from crm_contacts.timeline.rules import ATTACHED, DealNow, Item

ORDER = Keyset(("happened_at", timeline_item.c.happened_at, "desc"), ("id", timeline_item.c.id, "desc"))

# Items of a noun with its own grants need one of them; a deal's facts fall under the deal.
_NOUNS = {
    "call": ("call",),
    "task": ("task",),
    "message": ("message",),
    "deal": ("deal_created", "deal_stage_changed"),
}
_IDS = ARRAY(sa.Uuid)


async def write_deals(tx: Transaction, place: Place, deals: Iterable[DealNow], living: Mapping[UUID, UUID]) -> None:
    """Each deal is known in its newest state, its row locked by this transaction."""
    rows = [
        asdict(deal) | {"person_id": living[deal.person_id] if deal.person_id else None}
        for deal in sorted(deals, key=lambda deal: deal.deal_id)
    ]
    if rows:
        await tx.execute(place.put_deals, rows)


async def write_items(tx: Transaction, place: Place, items: Iterable[Item], living: Mapping[UUID, UUID]) -> None:
    """Each item stands as its newest event tells; `living` resolves the ids of merged people."""
    rows = [
        asdict(item) | {"person_id": living[item.person_id] if item.person_id else None}
        for item in sorted(items, key=lambda item: item.id)
    ]
    if rows:
        await tx.execute(place.put_items, rows)


async def settle_calls(tx: Transaction, place: Place, call_ids: Sequence[UUID]) -> None:
    """The calls' items belong to the person their link names; the links are locked by this transaction."""
    if call_ids:
        await tx.execute(place.settle_calls, {"call_ids": list(call_ids)})


async def settle_deals(tx: Transaction, place: Place, deal_ids: Iterable[UUID]) -> None:
    """All items of these deals follow their deal; the deals are locked by this transaction."""
    ids = list(deal_ids)
    if ids:
        await tx.execute(place.settle_deals, {"deal_ids": ids})


async def drop_deals(tx: Transaction, place: Place, deal_ids: Iterable[UUID]) -> None:
    """Nothing is left of what happened to these deals; what else was done for their people stays."""
    ids = sorted(deal_ids)
    if ids:
        for statement in (place.drop_items, place.drop_deals):
            await tx.execute(statement, {"deal_ids": ids})


async def drop_attached(tx: Transaction, place: Place, gone: Iterable[UUID]) -> None:
    """These notes and files are on no history any more."""
    ids = sorted(gone)
    if ids:
        await tx.execute(place.drop_attached, {"ids": ids})


def visible(caller: Principal) -> sa.ColumnElement[bool]:
    """Condition on items, beside that on their card: the item's own noun lets its owner's rows be read.

    An item nobody owns follows its card; so do notes and files, but those on a deal fall under the deal.
    """
    owner = timeline_item.c.owner_id
    on_deal = timeline_item.c.deal_id.is_not(None)
    may_see_deal = policy.visible(caller, "deal", "read", owner)
    return sa.or_(
        sa.and_(timeline_item.c.kind.in_(ATTACHED), sa.or_(sa.not_(on_deal), may_see_deal)),
        *(
            sa.and_(
                timeline_item.c.kind.in_(kinds),
                sa.or_(owner.is_(None), policy.visible(caller, noun, "read", owner)),
            )
            for noun, kinds in _NOUNS.items()
            if caller.scope(noun, "read") is not None
        ),
    )


async def page_of_person(
    connection: AsyncConnection, caller: Principal, person_id: UUID, cursor: str | None, limit: int
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of the person's items, newest first. The card itself is the caller's to check."""
    statement, rights = _of_person(caller)
    rows = await connection.execute(ORDER.apply(statement, cursor, limit), rights | {"person_id": person_id})
    return ORDER.page(rows.all(), limit)


@per_rights
def _of_person(caller: Principal) -> sa.Select[Any]:
    return sa.select(timeline_item).where(timeline_item.c.person_id == sa.bindparam("person_id"), visible(caller))


async def page_of_company(
    connection: AsyncConnection, caller: Principal, company_id: UUID, cursor: str | None, limit: int
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """As `page_of_person`, of the company's deals and of those of its people the caller may read."""
    people = sa.select(person.c.id).where(
        person.c.company_id == company_id,
        LIVING,
        policy.visible(caller, "person", "read", person.c.owner_id),
    )
    theirs = timeline_item.c.person_id == sa.any_(sa.func.array(people.scalar_subquery(), type_=_IDS))
    belongs = sa.or_(timeline_item.c.company_id == company_id, theirs)
    return await _page(connection, caller, belongs, cursor, limit)


async def _page(
    connection: AsyncConnection,
    caller: Principal,
    belongs: sa.ColumnElement[bool],
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    statement = ORDER.apply(sa.select(timeline_item).where(belongs, visible(caller)), cursor, limit)
    return ORDER.page((await connection.execute(statement)).all(), limit)


async def sees_person(connection: AsyncConnection, caller: Principal, person_id: UUID) -> bool:
    """True when the caller may read the person's card."""
    readable = policy.visible(caller, "person", "read", person.c.owner_id)
    found = await connection.scalar(sa.select(person.c.id).where(person.c.id == person_id, LIVING, readable))
    return found is not None


async def sees_company(connection: AsyncConnection, caller: Principal, company_id: UUID) -> bool:
    """True when the caller may read the company's card."""
    readable = companies.readable(caller)
    return await connection.scalar(sa.select(company.c.id).where(company.c.id == company_id, readable)) is not None
