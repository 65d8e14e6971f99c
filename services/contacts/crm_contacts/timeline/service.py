"""The use case of the timeline: events become items."""

from collections.abc import Sequence

from crm_chassis import aliases
from crm_chassis.database import Transaction
from crm_contracts.envelope import Envelope

from crm_contacts import locks
from crm_contacts.capture import repository as links
from crm_contacts.timeline import repository
from crm_contacts.timeline.rules import fold


async def keep(tx: Transaction, events: Sequence[Envelope]) -> None:
    """The history holds what the events tell, whatever their order; telling it again adds nothing.

    The calls' links are locked first: whichever of capture and this comes second sees what the other wrote, so no
    item stays without its person.
    """
    told = fold(events)
    named = {item.person_id for item in told.items.values()} | {deal.person_id for deal in told.deals.values()}
    await locks.no_merge_meanwhile(tx)
    await links.lock_links(tx, told.call_ids)
    living = await aliases.resolve_many(tx.connection, "person", {id for id in named if id is not None})
    await repository.write_deals(tx, told.deals.values(), living)
    await repository.write_items(tx, told.items.values(), living)
    await repository.settle_calls(tx, told.call_ids)
    await repository.settle_deals(tx, told.deals)
