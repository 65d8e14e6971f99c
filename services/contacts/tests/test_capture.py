"""A call finds its card, or makes one, exactly once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_chassis.ids import new_id
from crm_chassis.metrics import GATE_SKIPS
from crm_chassis.testing import Harness, admin, eventually
from crm_contracts import contacts as events
from crm_contracts import telephony
from crm_contracts.envelope import Envelope, Lane
from crm_contracts.telephony import CallState

Build = Callable[..., CallState]
Ring = Callable[..., Envelope]
Hear = Callable[..., Awaitable[None]]
Row = dict[str, Any]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS)


async def people_with(contacts: Harness, number: str) -> list[Row]:
    return await contacts.rows(
        "SELECT DISTINCT person.* FROM person JOIN identity ON person_id = person.id WHERE value = :number",
        number=number,
    )


async def test_an_unknown_caller_has_a_card_and_the_first_ringing_user_owns_it(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, number: str, links_of: Any
) -> None:
    ana, bor = new_id(), new_id()
    state = call(ringing_user_ids=[ana, bor])
    await hear(ring(state))

    (card,) = await people_with(contacts, number)
    assert card["name"] == f"+386 {number[4:6]} {number[6:9]} {number[9:]}"
    assert (card["owner_id"], card["owner_source"], card["source"]) == (ana, "rule", "call")
    (linked,) = await links_of(state.id)
    told = events.CallLinked.model_validate(linked.data)
    assert told.created
    assert (told.call_id, told.person_id, told.owner_id) == (state.id, card["id"], ana)
    assert (told.owner_source, told.version, linked.sequence) == ("rule", 1, 1)
    assert told.pii.phone == number
    created = [event for event in await contacts.recorded(events.PERSON_CREATED) if event.subject_id == card["id"]]
    assert len(created) == 1
    assert {event.correlationid for event in (linked, created[0])} == {state.correlation_id}


async def test_fifty_parallel_first_rings_of_one_number_make_one_card(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, number: str
) -> None:
    states = [call(line=f"+3861500000{i % 2}", ringing_user_ids=[new_id()]) for i in range(50)]
    await hear(*(ring(state) for state in states))

    assert len(await people_with(contacts, number)) == 1
    ids = [state.id for state in states]
    links = await contacts.rows(
        "SELECT count(*) AS calls, count(DISTINCT person_id) AS people, count(*) FILTER (WHERE created) AS made,"
        " count(DISTINCT owner_id) AS owners FROM call_link WHERE call_id = ANY(:ids)",
        ids=ids,
    )
    assert links == [{"calls": 50, "people": 1, "made": 1, "owners": 1}]


async def test_telling_a_call_again_or_telling_older_states_changes_nothing(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, number: str, links_of: Any
) -> None:
    ana, bor = new_id(), new_id()
    rang = call(ringing_user_ids=[ana, bor])
    answered = rang.model_copy(update={"version": 4, "answered_by": bor})
    newest = ring(answered)
    await hear(newest)
    before = await contacts.rows("SELECT * FROM call_link WHERE call_id = :id", id=rang.id)

    await contacts.deliver(newest, newest)
    await hear(ring(rang.model_copy(update={"version": 3})), ring(answered))

    assert await contacts.rows("SELECT * FROM call_link WHERE call_id = :id", id=rang.id) == before
    (card,) = await people_with(contacts, number)
    assert (card["owner_id"], card["owner_source"], card["version"]) == (bor, "answer", 1)
    assert len(await links_of(rang.id)) == 1


async def test_the_first_answerer_takes_the_card_once_and_everybody_is_told(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, card_of: Any, links_of: Any
) -> None:
    ana, bor, cene = new_id(), new_id(), new_id()
    rang = call(ringing_user_ids=[ana, bor])
    await hear(ring(rang))
    await hear(ring(rang.model_copy(update={"version": 2, "answered_by": bor})))
    await hear(ring(rang.model_copy(update={"version": 3, "answered_by": cene})))

    card = await card_of(rang.id)
    assert (card["owner_id"], card["owner_source"], card["version"]) == (bor, "answer", 2)
    told = [events.CallLinked.model_validate(event.data) for event in await links_of(rang.id)]
    assert [(link.version, link.owner_id, link.owner_source) for link in told] == [
        (1, ana, "rule"),
        (2, bor, "answer"),
    ]
    assert told[1].changed == ["owner_id", "owner_source"]
    assert told[1].created


async def test_a_later_call_that_is_answered_takes_the_card_of_a_missed_one(
    call: Build, ring: Ring, hear: Hear, card_of: Any
) -> None:
    ana, bor = new_id(), new_id()
    missed = call(ringing_user_ids=[ana])
    await hear(ring(missed))
    await hear(ring(call(ringing_user_ids=[ana, bor], answered_by=bor)))
    card = await card_of(missed.id)
    assert (card["owner_id"], card["owner_source"]) == (bor, "answer")


async def test_a_card_a_human_gave_away_stays_where_it_is(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, join: Any, card_of: Any
) -> None:
    ana, bor, cene = new_id(), new_id(), new_id()
    await join(cene)
    rang = call(ringing_user_ids=[ana])
    await hear(ring(rang))
    card = await card_of(rang.id)
    answer = await contacts.client.patch(
        f"/api/v1/people/{card['id']}",
        json={"owner_id": str(cene)},
        headers=contacts.headers(HEAD, if_match="1"),
    )
    assert answer.json()["owner_source"] == "human"
    await hear(ring(rang.model_copy(update={"version": 2, "answered_by": bor})))
    card = await card_of(rang.id)
    assert (card["owner_id"], card["owner_source"]) == (cene, "human")


async def test_a_known_caller_finds_the_oldest_card_and_its_owner_keeps_it(
    call: Build, ring: Ring, hear: Hear, enter: Any, number: str, links_of: Any
) -> None:
    oldest = await enter(HEAD, phones=[{"raw": number}])
    await enter(HEAD, phones=[{"raw": number}])
    state = call(ringing_user_ids=[new_id()], answered_by=new_id())
    await hear(ring(state))
    (linked,) = await links_of(state.id)
    told = events.CallLinked.model_validate(linked.data)
    assert str(told.person_id) == oldest["id"]
    assert (told.created, told.owner_id, told.owner_source) == (False, HEAD.id, "human")


async def test_a_card_nobody_has_is_given_to_somebody_when_its_customer_rings(
    call: Build, ring: Ring, hear: Hear, enter: Any, number: str, card_of: Any, contacts: Harness
) -> None:
    ana = new_id()
    await enter(HEAD, owner_id=None, phones=[{"raw": number}])
    state = call(ringing_user_ids=[ana])
    await hear(ring(state))
    card = await card_of(state.id)
    assert (card["owner_id"], card["owner_source"], card["version"]) == (ana, "rule", 2)
    updated = [event for event in await contacts.recorded(events.PERSON_UPDATED) if event.subject_id == card["id"]]
    assert [event.data["changed"] for event in updated] == [["owner_id", "owner_source"]]


async def test_users_who_have_left_get_no_cards(
    call: Build, ring: Ring, hear: Hear, join: Any, enter: Any, number: str, card_of: Any
) -> None:
    gone, also_gone, here = new_id(), new_id(), new_id()
    await join(gone, also_gone)
    await enter(HEAD, owner_id=str(gone), phones=[{"raw": number}])
    await join(gone, also_gone, active=False, version=2)
    state = call(ringing_user_ids=[also_gone, here])
    await hear(ring(state))
    assert (await card_of(state.id))["owner_id"] == here


async def test_when_nobody_rings_the_team_of_the_line_takes_turns(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, join: Any, number: str
) -> None:
    team = new_id()
    members = sorted([new_id(), new_id(), new_id()])
    await join(*members, team_id=team)
    owners = []
    for caller in range(6):
        phone = f"+38651{number[-6:-1]}{caller}"
        state = call(phone=phone, line_team_id=team)
        await hear(ring(state))
        (card,) = await people_with(contacts, phone)
        owners.append(card["owner_id"])
    assert owners == members + members


async def test_when_nobody_rings_and_no_team_answers_the_fallback_user_has_the_card(
    call: Build, ring: Ring, hear: Hear, card_of: Any
) -> None:
    fallback = new_id()
    state = call(fallback_user_id=fallback, line_team_id=new_id())
    await hear(ring(state))
    assert (await card_of(state.id))["owner_id"] == fallback


async def test_hidden_and_internal_calls_make_no_card_and_no_link(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, number: str, links_of: Any
) -> None:
    hidden = call(hidden=True, phone=None, phone_raw="anonymous")
    internal = call(direction="internal")
    await hear(ring(hidden), ring(internal))
    assert await people_with(contacts, number) == []
    assert await links_of(hidden.id) == await links_of(internal.id) == []


async def test_a_caller_whose_number_is_not_valid_has_one_card_all_the_same(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, number: str, card_of: Any
) -> None:
    odd = f"999{number[-6:]}"
    first, second = call(phone=None, phone_raw=odd), call(phone=None, phone_raw=odd)
    await hear(ring(first))
    await hear(ring(second))
    card = await card_of(first.id)
    assert card["id"] == (await card_of(second.id))["id"]
    assert card["name"] == odd
    (phone,) = await contacts.rows("SELECT value, raw FROM identity WHERE person_id = :id", id=card["id"])
    assert phone == {"value": None, "raw": odd}


async def test_a_call_parked_for_hours_still_makes_its_card(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, number: str
) -> None:
    state = call()
    await hear(ring(state, recordedtime=state.started_at + timedelta(hours=30)))
    assert len(await people_with(contacts, number)) == 1


async def test_replayed_and_imported_calls_make_no_card(
    contacts: Harness, call: Build, ring: Ring, number: str
) -> None:
    def skipped() -> float:
        reasons = ("replay", "bulk")
        return float(sum(GATE_SKIPS.labels("contacts.capture", reason)._value.get() for reason in reasons))

    before = skipped()
    await contacts.deliver(ring(call(), replay=True), ring(call(), lane=Lane.BULK))
    await eventually(lambda: skipped() == before + 2)
    assert await people_with(contacts, number) == []


async def test_a_call_back_is_linked_to_the_card_it_was_dialled_from(
    call: Build, ring: Ring, hear: Hear, enter: Any, number: str, links_of: Any
) -> None:
    ana = new_id()
    await enter(HEAD, phones=[{"raw": number}])
    dialled = await enter(HEAD, phones=[{"raw": number}])
    state = call(direction="out", origin="api", person_hint_id=dialled["id"], responsible_user_id=ana, answered_by=ana)
    await hear(ring(state))
    (linked,) = await links_of(state.id)
    told = events.CallLinked.model_validate(linked.data)
    assert str(told.person_id) == dialled["id"]
    assert (told.direction, told.created, told.owner_id) == ("out", False, HEAD.id)


async def test_a_call_out_to_the_number_of_one_card_is_linked_and_to_several_or_none_it_is_not(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, enter: Any, number: str, links_of: Any
) -> None:
    nobody_knows = call(direction="out")
    await hear(ring(nobody_knows))
    assert await links_of(nobody_knows.id) == []
    assert await people_with(contacts, number) == []

    only = await enter(HEAD, phones=[{"raw": number}])
    to_one = call(direction="out")
    await hear(ring(to_one))
    (linked,) = await links_of(to_one.id)
    assert linked.data["person_id"] == only["id"]

    await enter(HEAD, phones=[{"raw": number}])
    ambiguous = call(direction="out")
    await hear(ring(ambiguous))
    assert await links_of(ambiguous.id) == []


async def test_an_end_that_comes_before_the_ring_makes_the_same_card(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, number: str, links_of: Any
) -> None:
    ana = new_id()
    rang = call(ringing_user_ids=[ana])
    missed = rang.model_copy(update={"version": 3, "phase": "ended", "result": "missed"})
    await hear(ring(missed, type=telephony.CALL_MISSED))
    await hear(ring(rang))
    (card,) = await people_with(contacts, number)
    assert card["owner_id"] == ana
    assert len(await links_of(rang.id)) == 1


async def test_a_call_reaches_the_card_that_lives_on_after_a_merge(
    contacts: Harness, call: Build, ring: Ring, hear: Hear, enter: Any, links_of: Any
) -> None:
    lead = admin(NOUNS, "person:merge")
    loser, winner = await enter(lead), await enter(lead)
    merged = await contacts.client.post(
        f"/api/v1/people/{winner['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(lead)
    )
    assert merged.status_code == 200, merged.text
    state = call(direction="out", person_hint_id=UUID(loser["id"]))
    await hear(ring(state))
    (linked,) = await links_of(state.id)
    assert linked.data["person_id"] == winner["id"]
