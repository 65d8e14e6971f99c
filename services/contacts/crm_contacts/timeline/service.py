"""The use case of the timeline: events become items, where the timeline is in use and where it is made anew."""

from collections.abc import Sequence

from crm_chassis import aliases
from crm_chassis.database import Transaction
from crm_chassis.removals import end_alone, take_removals
from crm_contracts.base import Removed
from crm_contracts.contacts import FILE_REMOVED, NOTE_REMOVED
from crm_contracts.deals import DEAL_REMOVED
from crm_contracts.envelope import Envelope

from crm_contacts import attached, locks
from crm_contacts.capture import repository as links
from crm_contacts.timeline import places, repository
from crm_contacts.timeline.places import Place
from crm_contacts.timeline.rules import fold, is_about_deal, is_attached


async def keep(tx: Transaction, events: Sequence[Envelope]) -> None:
    """The history holds what the events tell, whatever their order; telling it again adds nothing.

    The calls' links are locked first: whichever of capture and this comes second sees what the other wrote, so no
    item stays without its person.
    """
    await locks.no_merge_meanwhile(tx)
    await keep_in(tx, await places.written(tx), events)


async def keep_in(tx: Transaction, where: Sequence[Place], events: Sequence[Envelope]) -> None:
    """As `keep`, in these places only; the merge gate is held by this transaction.

    A removed deal is gone from every place, its notes and files with it, whoever tells of it first, and so is a
    removed note or file; no older event brings them back.
    """
    told = fold(await _without_removed(tx, events))
    named = {item.person_id for item in told.items.values()} | {deal.person_id for deal in told.deals.values()}
    await links.lock_links(tx, told.call_ids)
    if told.followed:
        await locks.deals(tx, alone=told.followed != told.deals.keys())
    living = await aliases.resolve_many(tx.connection, "person", {id for id in named if id is not None})
    for place in where:
        await repository.write_deals(tx, place, told.deals.values(), living)
        await repository.write_items(tx, place, told.items.values(), living)
        await repository.settle_calls(tx, place, told.call_ids)
        await repository.settle_deals(tx, place, told.followed)


async def _without_removed(tx: Transaction, events: Sequence[Envelope]) -> list[Envelope]:
    """The events on what lives on; what they say is removed is gone from every place."""
    ends = {event.type for event in events} & {DEAL_REMOVED, NOTE_REMOVED, FILE_REMOVED}
    if ends:
        await end_alone(tx)
    deals, of_deals = await take_removals(tx, "deal", DEAL_REMOVED, [e for e in events if is_about_deal(e)])
    notes, of_notes = await take_removals(tx, "note", NOTE_REMOVED, [e for e in events if is_attached(e, "note")])
    files, of_files = await take_removals(tx, "file", FILE_REMOVED, [e for e in events if is_attached(e, "file")])
    for place in await places.written(tx) if ends else ():
        await repository.drop_deals(tx, place, deals)
        await repository.drop_attached(tx, place, notes | files)
    last = {e.subject_id: Removed.model_validate(e.data).owner_id for e in events if e.type == DEAL_REMOVED}
    await attached.erase(tx, "deal", last)
    rest = (event for event in events if not is_about_deal(event) and not is_attached(event))
    return [*rest, *of_deals, *of_notes, *of_files]
