"""The copy of people's phones: newest state wins, however often and in whatever order it comes."""

from uuid import UUID, uuid4

from crm_chassis.testing import eventually
from crm_contracts.base import Removed
from crm_contracts.contacts import (
    PERSON_MERGED,
    PERSON_REMOVED,
    PERSON_UPDATED,
    PersonMerged,
    PersonState,
    Phone,
)

from .office import Office, new_phone


def with_phone(state: PersonState, phone: str, version: int, owner: UUID | None = None) -> PersonState:
    pii = state.pii.model_copy(update={"phones": [Phone(id=uuid4(), e164=phone, raw=phone, kind="mobile")]})
    return state.model_copy(update={"pii": pii, "version": version, "owner_id": owner})


async def numbers(office: Office, person: UUID) -> list[str]:
    rows = await office.rows("SELECT e164 FROM phone_index WHERE person_id = :id ORDER BY e164", id=person)
    return [row["e164"] for row in rows]


async def deliver(office: Office, *states: PersonState | Removed, type: str = PERSON_UPDATED) -> None:
    events = [
        office.harness.event(type, state, subject="person", id=state.id, sequence=state.version) for state in states
    ]
    await office.harness.deliver(*events, *events, queue="telephony.phone-index")
    probe = office.person(f"+{new_phone()}", None)
    await office.knows(probe)  # the queue is in order: what came before it has been read


async def test_the_newest_state_of_a_person_stands_even_when_it_comes_first(office: Office) -> None:
    owner = uuid4()
    third = office.person(f"+{new_phone()}", None, version=3)
    fourth = with_phone(third, f"+{new_phone()}", 4, owner)
    await deliver(office, fourth)
    await deliver(office, third)
    assert await numbers(office, third.id) == [fourth.pii.phones[0].e164]
    assert await office.rows("SELECT owner_id, version FROM person_copy WHERE id = :id", id=third.id) == [
        {"owner_id": owner, "version": 4}
    ]


async def test_a_phone_taken_off_a_card_leads_nowhere(office: Office) -> None:
    olga = office.person(f"+{new_phone()}", None)
    await deliver(office, olga)
    await deliver(office, olga.model_copy(update={"version": 2, "pii": olga.pii.model_copy(update={"phones": []})}))
    assert await numbers(office, olga.id) == []


async def test_a_merged_card_leads_to_the_winner_and_does_not_come_back(office: Office) -> None:
    loser, winner = office.person(f"+{new_phone()}", None), office.person(f"+{new_phone()}", None)
    await deliver(office, loser, winner)
    both = winner.pii.model_copy(update={"phones": [*winner.pii.phones, *loser.pii.phones]})
    merged = PersonMerged(
        **winner.model_copy(update={"version": 2, "pii": both}).model_dump(),
        loser_id=loser.id,
        winner_id=winner.id,
    )
    await deliver(office, merged, type=PERSON_MERGED)
    await deliver(office, with_phone(loser, f"+{new_phone()}", 9))
    expected = sorted(str(phone.e164) for phone in both.phones)
    assert await numbers(office, winner.id) == expected
    assert await office.rows("SELECT 1 FROM person_copy WHERE id = :id", id=loser.id) == []


async def test_a_removed_card_leads_nowhere_and_does_not_come_back(office: Office) -> None:
    known, early = office.person(f"+{new_phone()}", None), office.person(f"+{new_phone()}", None)
    await deliver(office, known)
    assert await numbers(office, known.id) == [known.pii.phones[0].e164]
    ended = [Removed(id=state.id, owner_id=None, version=4) for state in (known, early)]
    await deliver(office, *ended, type=PERSON_REMOVED)  # of the second nothing was told before
    assert await numbers(office, known.id) == []
    for state, removed in zip((known, early), ended, strict=True):
        for late in (with_phone(state, f"+{new_phone()}", 3), state, removed):
            await deliver(office, late, type=PERSON_REMOVED if late is removed else PERSON_UPDATED)
            assert await office.rows("SELECT 1 FROM person_copy WHERE id = :id", id=state.id) == []
            assert await numbers(office, state.id) == []


async def test_a_number_that_is_none_is_kept_for_dialling_by_id_only(office: Office) -> None:
    olga = office.person(f"+{new_phone()}", None)
    phone = Phone(id=uuid4(), e164=None, raw="ask for Olga", kind="other")
    strange = olga.model_copy(update={"pii": olga.pii.model_copy(update={"phones": [phone]})})
    await deliver(office, strange)

    async def there() -> bool:
        return await office.rows("SELECT e164 FROM phone_index WHERE phone_id = :id", id=phone.id) == [{"e164": None}]

    await eventually(there)
