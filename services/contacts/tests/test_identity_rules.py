"""Which phones and e-mails are the same, and how a card's list becomes another."""

from crm_chassis.ids import new_id
from crm_contacts.identities.rules import Entry, Identity, distinct, lock_keys, reconcile, union
from hypothesis import given
from hypothesis import strategies as st

values = st.one_of(st.none(), st.sampled_from(["+38640111111", "+38640222222", "+38640333333"]))
entries = st.builds(
    Entry,
    kind=st.sampled_from(["phone", "email"]),
    value=values,
    raw=st.sampled_from(["040 111 111", "101", "+38640111111"]),
    label=st.sampled_from(["mobile", "work"]),
)
lists = st.lists(entries, max_size=8)
cards = lists.map(lambda listed: [Identity(new_id(), entry) for entry in distinct(listed)])


@given(cards, lists)
def test_an_entry_that_stays_keeps_its_id_and_a_new_one_gets_a_new_id(
    current: list[Identity], wanted: list[Entry]
) -> None:
    listed = reconcile(current, wanted, new_id)
    known = {identity.entry.key: identity.id for identity in current}
    for identity in listed:
        if identity.entry.key in known:
            assert identity.id == known[identity.entry.key]
        else:
            assert identity.id not in known.values()
    assert [identity.entry for identity in listed] == distinct(wanted)


@given(lists)
def test_the_same_phone_stands_on_a_card_only_once(wanted: list[Entry]) -> None:
    keys = [entry.key for entry in distinct(wanted)]
    assert len(keys) == len(set(keys))
    assert set(keys) == {entry.key for entry in wanted}


@given(cards, cards)
def test_nothing_is_lost_and_nothing_doubled_when_two_cards_become_one(
    winner: list[Identity], loser: list[Identity]
) -> None:
    together = union(winner, loser)
    keys = [identity.entry.key for identity in together]
    assert together[: len(winner)] == winner
    assert len(keys) == len(set(keys))
    assert set(keys) == {identity.entry.key for identity in [*winner, *loser]}


@given(st.lists(entries, min_size=1))
def test_seekers_of_the_same_entries_lock_in_the_same_order(listed: list[Entry]) -> None:
    assert lock_keys(listed) == lock_keys(list(reversed(listed))) == sorted(set(lock_keys(listed)))


def test_a_text_that_is_no_number_is_not_the_same_as_a_number_written_so() -> None:
    assert Entry("phone", None, "+38640111111").key != Entry("phone", "+38640111111", "+38640111111").key
