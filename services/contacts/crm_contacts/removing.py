"""What the removals of people and companies have in common: a card entered by mistake goes, one in use stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from crm_chassis.database import Transaction
from crm_contracts import contacts
from crm_contracts.base import Removed

_EVENTS = {"person": contacts.PERSON_REMOVED, "company": contacts.COMPANY_REMOVED}


@dataclass(frozen=True, slots=True)
class Card:
    """A card as its removal needs it: under its row lock, in the version the removal follows."""

    id: UUID
    owner_id: UUID | None
    version: int


def tell_removed(tx: Transaction, noun: Literal["person", "company"], cards: Sequence[Card]) -> None:
    """The event that each of these cards is no more is recorded."""
    for card in cards:
        sequence = card.version + 1
        data = Removed(id=card.id, owner_id=card.owner_id, version=sequence)
        tx.record(_EVENTS[noun], subject=noun, id=card.id, sequence=sequence, data=data)
