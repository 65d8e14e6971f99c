"""Contacts says whose card a call belongs to: newest word wins, and an unanswered call is its owner's business."""

from uuid import UUID, uuid4

from crm_chassis.clock import now
from crm_chassis.testing import eventually
from crm_contracts.contacts import CALL_LINKED, CallLinked, CallLinkedPii

from .office import Office, call_event, new_phone


def link(call_id: UUID, person: UUID, owner: UUID, version: int) -> CallLinked:
    return CallLinked(
        call_id=call_id,
        person_id=person,
        created=True,
        direction="in",
        line=None,
        started_at=now(),
        owner_id=owner,
        owner_source="rule",
        version=version,
        pii=CallLinkedPii(phone="+79161234567", person_name="Olga"),
    )


async def deliver(office: Office, *links: CallLinked) -> None:
    for told in links:
        event = office.harness.event(CALL_LINKED, told, subject="call", id=told.call_id, sequence=told.version)
        await office.harness.deliver(event, event, queue="telephony.call-links")


async def test_an_unanswered_call_is_seen_by_the_cards_owner_and_not_by_strangers(office: Office) -> None:
    owner, stranger = await office.user(), await office.user()
    pbx = await office.pbx()
    phone = new_phone()
    ring = call_event(pbx, "Appeared", entry="E1") | {"from": {"number": phone}}
    await office.hook(pbx, "events/call", ring)
    call = await office.call(pbx, phase="ringing")
    path = f"/calls/{call['id']}"
    assert (await office.get(path, by=stranger)).status_code == 200, "nobody's yet: whoever is free may see it"
    person = uuid4()
    await deliver(office, link(call["id"], person, owner.id, 1))

    async def hidden() -> bool:
        return (await office.get(path, by=stranger)).status_code == 404

    await eventually(hidden)
    assert (await office.get(path, by=owner)).json()["person_hint_id"] == str(person)
    listed = (await office.get("/calls", by=stranger, phone=f"+{phone}")).json()
    assert listed["items"] == []
    mine = (await office.get("/calls", by=owner, person_id=str(person))).json()
    assert [item["id"] for item in mine["items"]] == [str(call["id"])]


async def test_the_newest_link_stands_whatever_comes_first_and_tells_nobody(office: Office) -> None:
    pbx = await office.pbx()
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    call = await office.call(pbx, phase="ringing")
    told = await eventually(lambda: office.news(call["id"]))
    first, second, person = uuid4(), uuid4(), uuid4()
    await deliver(office, link(call["id"], person, second, 4))
    # In a batch of its own: within one batch the older of two would never reach the table.
    known = "SELECT 1 FROM call WHERE id = :id AND card_owner_id IS NOT NULL"
    await eventually(lambda: office.rows(known, id=call["id"]))
    await deliver(office, link(call["id"], person, first, 3))
    probe = await office.pbx()
    await office.hook(probe, "events/call", call_event(probe, "Appeared", entry="E1"))
    last = await office.call(probe, phase="ringing")
    await deliver(office, link(last["id"], person, first, 1))
    # The queue is in order: once the last link stands, the ones before it have been read.
    await eventually(lambda: office.rows(known, id=last["id"]))
    query = "SELECT card_owner_id, version FROM call WHERE id = :id"
    assert await office.rows(query, id=call["id"]) == [{"card_owner_id": second, "version": call["version"]}]
    assert len(await office.news(call["id"])) == len(told)
