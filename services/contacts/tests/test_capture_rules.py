"""Whose a card is."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from crm_chassis.ids import new_id
from crm_contacts.capture.rules import (
    Choice,
    Turn,
    answerer_takes_card,
    choose_owner,
    has_customer,
    next_in_rota,
)
from crm_contracts.telephony import CallState
from hypothesis import given
from hypothesis import strategies as st

people = [UUID(int=number) for number in range(1, 8)]
users = st.sampled_from(people)
moments = st.datetimes(timezones=st.just(UTC))
rotas = st.lists(st.builds(Turn, user_id=users, last_given_at=st.none() | moments), max_size=5)


@given(
    card_owner=st.none() | users,
    ringing=st.lists(users, max_size=4),
    rota=rotas,
    fallback=users,
    left=st.sets(users),
)
def test_a_card_always_has_an_owner_who_works_here_unless_only_the_fallback_is_left(
    card_owner: UUID | None, ringing: list[UUID], rota: list[Turn], fallback: UUID, left: set[UUID]
) -> None:
    choice = choose_owner(card_owner=card_owner, ringing=ringing, rota=rota, fallback=fallback, left=left)
    able_ringing = [user for user in ringing if user not in left]
    able_rota = {turn.user_id for turn in rota} - left
    if card_owner is not None and card_owner not in left:
        assert choice == Choice(card_owner, "card")
    elif able_ringing:
        assert choice == Choice(able_ringing[0], "ringing")
    elif able_rota:
        assert choice.chosen_by == "rota"
        assert choice.owner_id in able_rota
    else:
        assert choice == Choice(fallback, "fallback")


@given(st.lists(users, min_size=1, max_size=6, unique=True), st.integers(min_value=1, max_value=30))
def test_the_rota_gives_everybody_the_same_number_of_cards_give_or_take_one(members: list[UUID], cards: int) -> None:
    last: dict[UUID, datetime | None] = dict.fromkeys(members)
    given_cards = dict.fromkeys(members, 0)
    for number in range(cards):
        user = next_in_rota(Turn(member, last[member]) for member in members)
        assert user is not None
        last[user] = datetime.fromtimestamp(number, UTC)
        given_cards[user] += 1
    assert max(given_cards.values()) - min(given_cards.values()) <= 1


def test_only_a_told_number_of_a_customer_makes_a_card(call: Callable[..., CallState]) -> None:
    assert has_customer(call())
    assert has_customer(call(phone=None, phone_raw="0501234567"))
    assert not has_customer(call(hidden=True))
    assert not has_customer(call(direction="internal"))
    assert not has_customer(call(phone=None, phone_raw="  "))


def test_the_first_answerer_takes_only_a_card_made_by_a_call_and_given_by_a_rule(
    call: Callable[..., CallState],
) -> None:
    ana = new_id()
    answered = call(answered_by=ana)
    assert answerer_takes_card(answered, owner_source="rule", made_by_call=True, left=()) == ana
    assert answerer_takes_card(answered, owner_source="answer", made_by_call=True, left=()) is None
    assert answerer_takes_card(answered, owner_source="human", made_by_call=True, left=()) is None
    assert answerer_takes_card(answered, owner_source="rule", made_by_call=False, left=()) is None
    assert answerer_takes_card(answered, owner_source="rule", made_by_call=True, left={ana}) is None
    assert answerer_takes_card(call(), owner_source="rule", made_by_call=True, left=()) is None
    outbound = call(direction="out", answered_by=ana)
    assert answerer_takes_card(outbound, owner_source="rule", made_by_call=True, left=()) is None
