"""Use cases of deals that a call begins; whoever calls them holds the lock on the person."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from crm_chassis.aliases import resolve
from crm_chassis.database import Transaction
from crm_contracts.deals import DEAL_UPDATED

from crm_deals.callbacks.rules import Link
from crm_deals.cards.repository import all_ids
from crm_deals.deals import repository
from crm_deals.deals.service import open_deal, tell
from crm_deals.pipelines import repository as pipelines

ORIGIN = "call"


async def living_person(tx: Transaction, person_id: UUID) -> UUID:
    """The id under which the person lives on."""
    return await resolve(tx.connection, "person", person_id)


async def all_person_ids(tx: Transaction, person_id: UUID) -> list[UUID]:
    """Every id the person ever had."""
    return await all_ids(tx.connection, "person", person_id)


async def make_deal(
    tx: Transaction, person_id: UUID, call_id: UUID, link: Link, phone: str | None, currency: str, now: datetime
) -> None:
    """The person has an open deal: the one there is, else one made of this call, once ever."""
    if await repository.open_of_person(tx, await all_person_ids(tx, person_id)):
        return
    stages = await pipelines.default(tx.connection)
    values = {
        "title": link.person_name or phone or "",
        "person_id": person_id,
        "company_id": None,
        "amount": Decimal(0),
        "currency": currency,
        "owner_id": link.owner_id,
        "owner_source": link.owner_source,
        "origin_type": ORIGIN,
        "origin_id": str(call_id),
        "expected_close_on": None,
    }
    await open_deal(tx, stages[0], values, now)


async def follow_owner(tx: Transaction, person_id: UUID, link: Link) -> None:
    """Open deals whose owner was only a rule's guess belong to whom an answer or a human made the owner."""
    if link.owner_source == "rule":
        return
    for row in await repository.open_of_person(tx, await all_person_ids(tx, person_id)):
        if row.owner_source == "rule":
            owner = {"owner_id": link.owner_id, "owner_source": link.owner_source}
            changed = ["owner_id"] if row.owner_id != link.owner_id else []
            tell(tx, DEAL_UPDATED, await repository.change(tx, row.id, owner), changed)
