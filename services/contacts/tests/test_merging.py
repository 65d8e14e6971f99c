"""Two cards of one person become one, and both ids lead to it for ever."""

import asyncio
from collections.abc import Callable
from typing import Any

from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, salesperson
from crm_contracts import contacts as events
from crm_contracts.envelope import Envelope
from crm_contracts.telephony import CallState

Json = dict[str, Any]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS, "person:merge")


async def merge(contacts: Harness, winner: Json, loser: Json, by: Any = HEAD) -> Any:
    return await contacts.client.post(
        f"/api/v1/people/{winner['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(by)
    )


async def get(contacts: Harness, id: str) -> Any:
    return await contacts.client.get(f"/api/v1/people/{id}", headers=contacts.headers(HEAD))


async def test_the_winner_has_everything_of_both_and_the_losers_id_answers_the_winner(
    contacts: Harness,
    enter: Any,
    call: Callable[..., CallState],
    ring: Callable[..., Envelope],
    hear: Any,
    keep: Any,
    number: str,
) -> None:
    company = await enter(HEAD, "companies")
    shared, own = {"raw": "+38615000001"}, {"address": f"{number[1:]}@example.com"}
    loser = await enter(HEAD, company_id=company["id"], phones=[{"raw": number}, shared], emails=[own])
    state = call()
    await hear(ring(state))
    await keep([ring(state)])
    winner = await enter(HEAD, name="Winner", owner_id=None, phones=[shared])

    answer = await merge(contacts, winner, loser)
    assert answer.status_code == 200, answer.text
    merged = answer.json()
    assert (merged["id"], merged["name"], merged["version"]) == (winner["id"], "Winner", 2)
    assert (merged["company_id"], merged["owner_id"]) == (company["id"], str(HEAD.id))
    assert [phone["id"] for phone in merged["phones"]] == [winner["phones"][0]["id"], loser["phones"][0]["id"]]
    assert merged["emails"] == loser["emails"]
    for id in (winner["id"], loser["id"]):
        assert (await get(contacts, id)).json() == merged
        card = await contacts.client.get(f"/api/v1/card/person/{id}", headers=contacts.headers(HEAD))
        assert card.json()["person"] == merged
        assert [item["id"] for item in card.json()["timeline"]["items"]] == [str(state.id)]
    listed = await contacts.client.get("/api/v1/people", params={"phone": number}, headers=contacts.headers(HEAD))
    assert [person["id"] for person in listed.json()["items"]] == [winner["id"]]

    (told,) = [e for e in await contacts.recorded(events.PERSON_MERGED) if str(e.subject_id) == winner["id"]]
    state_told = events.PersonMerged.model_validate(told.data)
    assert (str(state_told.loser_id), str(state_told.winner_id), told.sequence) == (loser["id"], winner["id"], 2)
    assert state_told.changed == ["company_id", "owner_id", "phones", "emails"]


async def test_a_card_merged_twice_over_still_answers(contacts: Harness, enter: Any) -> None:
    first, second, third = [await enter(HEAD) for _ in range(3)]
    assert (await merge(contacts, second, first)).status_code == 200
    assert (await merge(contacts, third, second)).status_code == 200
    assert (await get(contacts, first["id"])).json()["id"] == third["id"]
    changed = await contacts.client.patch(
        f"/api/v1/people/{first['id']}", json={"name": "Third"}, headers=contacts.headers(HEAD, if_match="2")
    )
    assert (changed.status_code, changed.json()["id"]) == (200, third["id"])


async def test_one_card_can_not_be_merged_with_itself_under_any_of_its_ids(contacts: Harness, enter: Any) -> None:
    winner, loser = await enter(HEAD), await enter(HEAD)
    assert (await merge(contacts, winner, winner)).json()["code"] == "same_person"
    assert (await merge(contacts, winner, loser)).status_code == 200
    for pair in ((winner, loser), (loser, winner)):
        again = await merge(contacts, *pair)
        assert (again.status_code, again.json()["code"]) == (409, "same_person")


async def test_merging_needs_its_right_over_both_cards(contacts: Harness, enter: Any) -> None:
    without = admin(NOUNS)
    ana = salesperson(NOUNS, "person:merge")
    hers, his, unassigned = await enter(ana), await enter(HEAD), await enter(HEAD, owner_id=None)
    before = len(await contacts.recorded(events.PERSON_MERGED))
    assert (await merge(contacts, hers, his, by=without)).status_code == 403
    assert (await merge(contacts, hers, his, by=ana)).status_code == 404
    assert (await merge(contacts, his, hers, by=ana)).status_code == 404
    assert (await merge(contacts, hers, unassigned, by=ana)).status_code == 403
    assert (await merge(contacts, hers, {"id": str(new_id())})).status_code == 404
    assert len(await contacts.recorded(events.PERSON_MERGED)) == before
    assert (await get(contacts, his["id"])).json()["id"] == his["id"]


async def test_calls_and_merges_at_once_leave_nothing_on_the_loser(
    contacts: Harness,
    enter: Any,
    call: Callable[..., CallState],
    ring: Callable[..., Envelope],
    hear: Any,
    keep: Any,
    number: str,
) -> None:
    loser = await enter(HEAD, phones=[{"raw": number}])
    winner = await enter(HEAD, phones=[{"raw": "+38615000002"}])
    rings = [ring(call()) for _ in range(20)]
    merged, *_ = await asyncio.gather(merge(contacts, winner, loser), hear(*rings), *(keep([event]) for event in rings))
    assert merged.status_code == 200, merged.text
    await keep(rings)
    for table in ("identity", "call_link", "timeline_item"):
        left = await contacts.rows(
            f"SELECT count(*) AS n FROM {table} WHERE person_id = :id",  # noqa: S608 - names of this test
            id=loser["id"],
        )
        assert left == [{"n": 0}], table
    links = await contacts.rows("SELECT count(*) AS n FROM call_link WHERE person_id = :id", id=winner["id"])
    assert links == [{"n": 20}]
