"""Which events become items of the timeline, and how many events of one subject make one item.

Pure. The result does not depend on the order, the grouping or the repetition of the events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from crm_contracts import contacts, deals, notifications, telephony
from crm_contracts.envelope import Envelope

ItemKind = Literal["call", "task", "message", "deal_created", "deal_stage_changed", "note", "file"]

ATTACHED: tuple[ItemKind, ...] = ("note", "file")
"""Kinds of what people put on a card or a deal: without rights of their own, gone with what they are on."""

_APART = {"changed", "pii"}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the history. A call has a person here only if it is of an old system: else its link says whose it is;
    what is on a deal follows the deal."""

    id: UUID
    kind: ItemKind
    person_id: UUID | None
    company_id: UUID | None
    deal_id: UUID | None
    owner_id: UUID | None
    happened_at: datetime
    sequence: int
    correlation_id: UUID
    data: dict[str, Any]
    pii: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DealNow:
    """Whose a deal is in its newest known state: its items follow it."""

    deal_id: UUID
    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID
    sequence: int


@dataclass(frozen=True, slots=True)
class Page:
    """What a batch of events says: items by id and deals by id, each folded."""

    items: dict[UUID, Item]
    deals: dict[UUID, DealNow]

    @property
    def call_ids(self) -> list[UUID]:
        """Calls spoken of, sorted: the order in which their links are locked."""
        return sorted(item.id for item in self.items.values() if item.kind == "call")

    @property
    def followed(self) -> set[UUID]:
        """Deals whose items have to be as their deal is now: those spoken of, and those something is put on."""
        put = (item.deal_id for item in self.items.values() if item.kind in ATTACHED and item.deal_id)
        return {*self.deals, *put}


def newer(one: Item, other: Item) -> Item:
    """The newest state of the two, at the earliest moment of both."""
    newest = other if other.sequence > one.sequence else one
    return replace(newest, happened_at=min(one.happened_at, other.happened_at))


def fold(events: Iterable[Envelope]) -> Page:
    """Items and deals the events speak of; none of them is a removal."""
    items: dict[UUID, Item] = {}
    newest_deals: dict[UUID, DealNow] = {}
    for event in events:
        item = item_of(event)
        if item is not None:
            items[item.id] = newer(items[item.id], item) if item.id in items else item
        deal = deal_of(event)
        if deal is not None:
            known = newest_deals.get(deal.deal_id)
            newest_deals[deal.deal_id] = deal if known is None or deal.sequence > known.sequence else known
    return Page(items, newest_deals)


def is_about_deal(event: Envelope) -> bool:
    """True for what happened to a deal, its removal included."""
    return event.type.startswith("deals.deal.")


def is_attached(event: Envelope, *kinds: ItemKind) -> bool:
    """True for what happened to a thing of these kinds of `ATTACHED` (of any when none is named), removals included."""
    return event.type.startswith(tuple(f"contacts.{kind}." for kind in kinds or ATTACHED))


def deal_of(event: Envelope) -> DealNow | None:
    """Whose the deal is by this event; None when it is not about a deal."""
    if not is_about_deal(event):
        return None
    state = deals.DealState.model_validate(event.data)
    return DealNow(state.id, state.person_id, state.company_id, state.owner_id, event.sequence)


def item_of(event: Envelope) -> Item | None:
    """The item this event makes or renews; None for one that shows nowhere (a deal's edit, an internal call)."""
    if event.type.startswith("telephony.call."):
        return _call(event)
    if event.type.startswith("deals.task."):
        task = deals.TaskState.model_validate(event.data)
        return _item(event, task, "task", id=task.id, person_id=task.person_id, owner_id=task.owner_id)
    if event.type.startswith("notifications.message."):
        message = notifications.MessageState.model_validate(event.data)
        return _item(event, message, "message", id=message.id, person_id=message.person_id, owner_id=message.owner_id)
    if event.type in (contacts.NOTE_CREATED, contacts.NOTE_UPDATED):
        return _attached(event, contacts.NoteState.model_validate(event.data), "note")
    if event.type in (contacts.FILE_ADDED, contacts.FILE_CHANGED):
        return _attached(event, contacts.FileState.model_validate(event.data), "file")
    if event.type == deals.DEAL_CREATED:
        return _deal(event, deals.DealState.model_validate(event.data), "deal_created")
    if event.type == deals.DEAL_STAGE_CHANGED:
        return _deal(event, deals.DealStageChanged.model_validate(event.data), "deal_stage_changed")
    return None


def _call(event: Envelope) -> Item | None:
    call = telephony.CallState.model_validate(event.data)
    if call.direction == "internal":
        return None
    # No link will ever follow a call taken over from an old system.
    person_id = call.person_hint_id if call.origin == "past" else None
    return _item(event, call, "call", id=call.id, person_id=person_id, owner_id=call.responsible_user_id)


def _attached(event: Envelope, state: contacts.NoteState | contacts.FileState, kind: ItemKind) -> Item:
    on = {f"{state.subject}_id": state.subject_id}
    item = _item(event, state, kind, id=state.id, person_id=on.get("person_id"), owner_id=None)
    return replace(item, company_id=on.get("company_id"), deal_id=on.get("deal_id"))


def _deal(event: Envelope, state: deals.DealState, kind: ItemKind) -> Item:
    return replace(
        _item(event, state, kind, id=event.id, person_id=state.person_id, owner_id=state.owner_id),
        company_id=state.company_id,
        deal_id=state.id,
    )


def _item(
    event: Envelope,
    state: telephony.CallState
    | deals.DealState
    | deals.TaskState
    | notifications.MessageState
    | contacts.NoteState
    | contacts.FileState,
    kind: ItemKind,
    *,
    id: UUID,
    person_id: UUID | None,
    owner_id: UUID | None,
) -> Item:
    return Item(
        id=id,
        kind=kind,
        person_id=person_id,
        company_id=None,
        deal_id=None,
        owner_id=owner_id,
        happened_at=event.time,
        sequence=event.sequence,
        correlation_id=event.correlationid,
        data=state.model_dump(mode="json", exclude=_APART),
        pii=state.pii.model_dump(mode="json"),
    )
