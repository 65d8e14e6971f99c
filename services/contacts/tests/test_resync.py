"""An emptied copy fills again from its owner."""

from typing import Any

from crm_chassis.testing import Harness, admin, eventually
from crm_contacts import resync
from crm_contracts import contacts as events
from crm_contracts.envelope import Envelope, Lane
from crm_contracts.resync import Resync, resync_queue

NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS, "person:merge")


async def test_current_cards_go_to_one_queue_on_the_bulk_lane(
    contacts: Harness, enter: Any, monkeypatch: Any, number: str
) -> None:
    person = await enter(HEAD, name="Resync", phones=[{"raw": number}])
    company = await enter(HEAD, "companies", name="Resync d.o.o.")
    *_, loser = [await enter(HEAD) for _ in range(4)]
    await contacts.client.post(
        f"/api/v1/people/{person['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(HEAD)
    )
    before = {event.id for event in await contacts.recorded()}

    async def resent() -> list[Envelope]:
        told = [event for event in await contacts.recorded() if event.id not in before]
        return [event for event in told if event.type != resync_queue("contacts")]

    (counts,) = await contacts.rows(
        "SELECT (SELECT count(*) FROM person) AS people, (SELECT count(*) FROM company) AS companies"
    )
    # Some portions, however many cards the tests before this one have left.
    monkeypatch.setattr(resync, "PORTION", max(2, counts["people"] // 4))
    for noun in ("person", "company"):
        order = Resync(noun=noun, to_queue="deals.cards")
        command = contacts.event(resync_queue("contacts"), order, subject="command", id=HEAD.id)
        await contacts.deliver(command, queue=resync_queue("contacts"))

    async def all_sent() -> bool:
        return len(await resent()) == int(counts["people"]) + int(counts["companies"])

    await eventually(all_sent)
    told = await resent()
    assert {event.lane for event in told} == {Lane.BULK}
    people = {str(event.subject_id): event for event in told if event.type == events.PERSON_UPDATED}
    merged = {event.data["loser_id"]: event for event in told if event.type == events.PERSON_MERGED}
    companies = {str(event.subject_id): event for event in told if event.type == events.COMPANY_UPDATED}
    assert (len(people) + len(merged), len(companies)) == (counts["people"], counts["companies"])
    assert loser["id"] not in people
    assert (merged[loser["id"]].data["winner_id"], merged[loser["id"]].sequence) == (person["id"], 2)
    state = events.PersonState.model_validate(people[person["id"]].data)
    assert (people[person["id"]].sequence, state.version) == (2, 2)
    assert [phone.e164 for phone in state.pii.phones] == [number]
    assert events.CompanyState.model_validate(companies[company["id"]].data).name == "Resync d.o.o."
    (queues,) = await contacts.rows(
        "SELECT array_agg(DISTINCT queue) AS queues FROM (SELECT queue, event_id FROM outbox UNION ALL"
        " SELECT queue, event_id FROM outbox_sent) AS sent WHERE event_id = ANY(:ids)",
        ids=[event.id for event in told],
    )
    assert queues == {"queues": ["deals.cards"]}
