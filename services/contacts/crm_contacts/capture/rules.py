"""Which calls get a card, and whose the card is.

Pure: the world (users, turns, cards) is an argument. Must never know how a call is stored or told.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from crm_contracts.contacts import OwnerSource
from crm_contracts.telephony import CallState

ChosenBy = Literal["card", "ringing", "rota", "fallback"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Who has the card, and by which step of the rule."""

    owner_id: UUID
    chosen_by: ChosenBy


@dataclass(frozen=True, slots=True)
class Turn:
    """A member of the line's team and when the rota last gave them a card."""

    user_id: UUID
    last_given_at: datetime | None


def has_customer(call: CallState) -> bool:
    """True for a call with a customer whose number is told: neither hidden nor between our own people."""
    return call.direction != "internal" and not call.hidden and bool(call.pii.phone or call.pii.phone_raw.strip())


def next_in_rota(turns: Iterable[Turn]) -> UUID | None:
    """The member who has waited longest: never had a turn, else the oldest turn; ties go by id. None if no one."""
    waiting = sorted(
        turns,
        key=lambda turn: (
            turn.last_given_at is not None,
            turn.last_given_at.timestamp() if turn.last_given_at else 0.0,
            turn.user_id,
        ),
    )
    return waiting[0].user_id if waiting else None


def choose_owner(
    *,
    card_owner: UUID | None,
    ringing: Sequence[UUID],
    rota: Iterable[Turn],
    fallback: UUID,
    left: Collection[UUID],
) -> Choice:
    """The card's owner; else the first ringing user; else the rota; else the fallback user: never nobody.

    Users who have left are passed over; only the fallback stays the fallback even then.
    """
    if card_owner is not None and card_owner not in left:
        return Choice(card_owner, "card")
    for user in ringing:
        if user not in left:
            return Choice(user, "ringing")
    in_turn = next_in_rota(turn for turn in rota if turn.user_id not in left)
    if in_turn is not None:
        return Choice(in_turn, "rota")
    return Choice(fallback, "fallback")


def answerer_takes_card(
    call: CallState, *, owner_source: OwnerSource, made_by_call: bool, left: Collection[UUID]
) -> UUID | None:
    """The user who becomes owner by answering, or None.

    Only a card that a call made and that a rule gave away is taken so, and only once: then its source is `answer`.
    """
    if call.direction != "in" or call.answered_by is None or call.answered_by in left:
        return None
    return call.answered_by if made_by_call and owner_source == "rule" else None
