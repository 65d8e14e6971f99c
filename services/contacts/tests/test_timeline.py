"""One history of calls, tasks, messages and deals, in the order in which they happened."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, eventually, nobody, salesperson
from crm_contracts import deals as deal_events
from crm_contracts import notifications, telephony
from crm_contracts.deals import DealState
from crm_contracts.envelope import Envelope
from crm_contracts.telephony import CallState

Json = dict[str, Any]
Build = Callable[..., CallState]
Ring = Callable[..., Envelope]
Keep = Callable[[Sequence[Envelope]], Awaitable[None]]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS, "person:merge")
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def task_event(contacts: Harness, person_id: str, **fields: Any) -> Envelope:
    known: Json = {
        "id": new_id(),
        "kind": "callback",
        "status": "open",
        "owner_id": HEAD.id,
        "deal_id": None,
        "person_id": person_id,
        "call_id": None,
        "misses": 1,
        "due_at": NINE,
        "remind_at": None,
        "created_at": NINE,
        "completed_at": None,
        "completed_by": None,
        "correlation_id": new_id(),
        "version": 1,
        "pii": {"title": "Call back", "note": "", "phone": None},
    } | fields
    state = deal_events.TaskState.model_validate(known)
    kind = deal_events.TASK_CREATED if state.status == "open" else deal_events.TASK_COMPLETED
    return contacts.event(kind, state, subject="task", id=state.id, sequence=state.version, time=NINE)


def message_event(contacts: Harness, person_id: str, **fields: Any) -> Envelope:
    known: Json = {
        "id": new_id(),
        "channel": "email",
        "status": "queued",
        "template_key": "offer",
        "person_id": person_id,
        "deal_id": None,
        "owner_id": None,
        "error": None,
        "parts": 1,
        "queued_at": NINE,
        "sent_at": None,
        "delivered_at": None,
        "correlation_id": new_id(),
        "version": 1,
        "pii": {"to": "ana@example.test", "subject": "Offer", "text": "Hello"},
    } | fields
    state = notifications.MessageState.model_validate(known)
    type = notifications.MESSAGE_QUEUED
    return contacts.event(type, state, subject="message", id=state.id, sequence=state.version, time=NINE)


def deal_event(contacts: Harness, state: DealState, minute: int = 0) -> Envelope:
    moved = isinstance(state, deal_events.DealStageChanged)
    type = deal_events.DEAL_STAGE_CHANGED if moved else deal_events.DEAL_CREATED
    moment = NINE + timedelta(minutes=minute)
    return contacts.event(type, state, subject="deal", id=state.id, sequence=state.version, time=moment)


async def history(contacts: Harness, person_id: str, principal: Any = HEAD, **query: Any) -> Json:
    answer = await contacts.client.get(
        f"/api/v1/people/{person_id}/timeline", params=query, headers=contacts.headers(principal)
    )
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


async def everything(contacts: Harness) -> list[Json]:
    return await contacts.rows("SELECT * FROM timeline_item ORDER BY id")


async def test_a_call_stands_on_the_history_whichever_reader_hears_of_it_first(
    contacts: Harness, call: Build, ring: Ring, hear: Any, keep: Keep, card_of: Any, number: str
) -> None:
    timeline_first, capture_first = call(), call()
    await keep([ring(timeline_first)])
    await eventually(lambda: contacts.rows("SELECT 1 FROM timeline_item WHERE id = :id", id=timeline_first.id))
    await hear(ring(timeline_first))
    await hear(ring(capture_first))
    card = await card_of(timeline_first.id)

    async def both() -> bool:
        page = await history(contacts, str(card["id"]))
        return {item["id"] for item in page["items"]} == {str(timeline_first.id), str(capture_first.id)}

    await eventually(both)


async def test_no_item_stays_without_its_person_when_both_readers_hear_at_once(
    contacts: Harness, call: Build, ring: Ring, hear: Any, keep: Keep
) -> None:
    states = [call(phone=f"+38631{100000 + i}") for i in range(30)]
    rings = [ring(state) for state in states]
    await asyncio.gather(hear(*rings), keep(rings), keep(list(reversed(rings))))
    await keep(rings)
    ids = [state.id for state in states]
    lost = await contacts.rows(
        "SELECT count(*) FILTER (WHERE i.person_id IS DISTINCT FROM l.person_id OR l.person_id IS NULL) AS lost,"
        " count(*) AS items FROM timeline_item i JOIN call_link l ON l.call_id = i.id WHERE i.id = ANY(:ids)",
        ids=ids,
    )
    assert lost == [{"lost": 0, "items": 30}]


async def test_what_came_of_a_call_stands_on_its_line_and_an_older_state_does_not_wipe_it(
    contacts: Harness, call: Build, ring: Ring, keep: Keep
) -> None:
    ended = call(version=2, phase="ended", result="answered")
    said = ended.model_dump() | {"version": 3, "outcome": "booked", "outcome_by": HEAD.id, "outcome_at": NINE}
    said["pii"] |= {"outcome_note": "Monday at nine"}
    updated = CallState.model_validate(said)
    later = ring(updated, type=telephony.CALL_UPDATED, time=NINE + timedelta(hours=1))
    await keep([later])
    await keep([ring(ended, type=telephony.CALL_ENDED, time=NINE)])
    (row,) = await contacts.rows("SELECT * FROM timeline_item WHERE id = :id", id=ended.id)
    assert (row["sequence"], row["happened_at"], row["data"]["outcome"]) == (3, NINE, "booked")
    assert row["pii"]["outcome_note"] == "Monday at nine" and "outcome_note" not in row["data"]


async def test_a_call_taken_over_from_an_old_system_is_its_customers_without_a_link(
    contacts: Harness, call: Build, ring: Ring, keep: Keep, enter: Any
) -> None:
    person = await enter(HEAD)
    facts: Json = {"phase": "ended", "result": "answered", "person_hint_id": UUID(person["id"])}
    past, ordinary = call(origin="past", **facts), call(**facts)
    await keep([ring(state, type=telephony.CALL_ENDED, time=NINE) for state in (past, ordinary)])
    assert [item["id"] for item in (await history(contacts, person["id"]))["items"]] == [str(past.id)]


async def test_redelivery_adds_nothing_and_an_older_state_does_not_come_back(
    contacts: Harness, call: Build, ring: Ring, keep: Keep, deal: Callable[..., DealState], enter: Any
) -> None:
    person = await enter(HEAD)
    v4 = call(version=4, phase="ended", result="answered")
    v3 = v4.model_copy(update={"version": 3, "phase": "talking", "result": None})
    batch = [
        ring(v4, time=NINE + timedelta(hours=2)),
        task_event(contacts, person["id"]),
        message_event(contacts, person["id"]),
        deal_event(contacts, deal(person_id=person["id"])),
        deal_event(contacts, deal(person_id=person["id"], from_stage_id=new_id(), version=2)),
    ]
    await keep(batch)
    before = await everything(contacts)
    await keep(batch)
    await keep(list(reversed(batch)))
    assert await everything(contacts) == before

    await keep([ring(v3, time=NINE)])
    (row,) = await contacts.rows("SELECT * FROM timeline_item WHERE id = :id", id=v4.id)
    assert (row["sequence"], row["data"]["phase"]) == (4, "ended")
    assert row["happened_at"] == NINE


async def test_the_bus_brings_calls_tasks_messages_and_deals_in_the_order_they_happened(
    contacts: Harness, call: Build, ring: Ring, deal: Callable[..., DealState], hear: Any, card_of: Any
) -> None:
    first = call(started_at=NINE)
    await hear(ring(first))
    person_id = str((await card_of(first.id))["id"])
    late = call(started_at=NINE - timedelta(hours=3))
    created = deal_event(contacts, deal(person_id=person_id), minute=1)
    moved = deal_event(contacts, deal(person_id=person_id, from_stage_id=new_id(), version=2), minute=5)
    mail = message_event(contacts, person_id).model_copy(update={"time": NINE + timedelta(minutes=9)})
    await contacts.deliver(mail, moved, created, ring(late))

    async def in_order() -> bool:
        page = await history(contacts, person_id)
        return [item["id"] for item in page["items"]] == [
            str(mail.subject_id),
            str(moved.id),
            str(created.id),
            str(first.id),
            str(late.id),
        ]

    await eventually(in_order)
    page = await history(contacts, person_id)
    shown = page["items"][-2]
    assert shown["kind"] == "call"
    assert shown["correlation_id"] == str(first.correlation_id)
    assert shown["pii"]["phone"] == first.pii.phone
    assert "pii" not in shown["data"]
    assert page["items"][1]["data"]["to_stage_id"]


async def test_a_history_is_read_page_by_page(contacts: Harness, keep: Keep, enter: Any) -> None:
    person = await enter(HEAD)
    await keep([task_event(contacts, person["id"]) for _ in range(7)])
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await history(contacts, person["id"], limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


async def test_a_deals_items_follow_its_owner_and_its_person(
    contacts: Harness, keep: Keep, enter: Any, deal: Callable[..., DealState]
) -> None:
    one, other = await enter(HEAD), await enter(HEAD)
    ana, bor, id = new_id(), new_id(), new_id()
    created = deal(id=id, person_id=one["id"], owner_id=ana)
    handed_over = deal(id=id, person_id=other["id"], owner_id=bor, version=2)
    update = contacts.event(deal_events.DEAL_UPDATED, handed_over, subject="deal", id=id, sequence=2)
    await keep([update])
    await keep([deal_event(contacts, created)])
    (item,) = (await history(contacts, other["id"]))["items"]
    assert item["owner_id"] == str(bor)
    assert (await history(contacts, one["id"]))["items"] == []


async def test_an_item_is_seen_when_its_card_is_and_its_own_owner_may_be(
    contacts: Harness, keep: Keep, enter: Any, deal: Callable[..., DealState], join: Any
) -> None:
    ana, bor = salesperson(NOUNS), salesperson(NOUNS)
    await join(ana.id, bor.id)
    person = await enter(ana)
    mine = task_event(contacts, person["id"], owner_id=ana.id)
    his = task_event(contacts, person["id"], owner_id=bor.id)
    his_deal = deal_event(contacts, deal(person_id=person["id"], owner_id=bor.id))
    automatic = message_event(contacts, person["id"], owner_id=None)
    await keep([mine, his, his_deal, automatic])

    def ids(page: Json) -> set[str]:
        return {item["id"] for item in page["items"]}

    assert ids(await history(contacts, person["id"], ana)) == {str(mine.subject_id), str(automatic.subject_id)}
    assert len((await history(contacts, person["id"]))["items"]) == 4
    without_messages = salesperson(("person", "task"), id=ana.id)
    assert ids(await history(contacts, person["id"], without_messages)) == {str(mine.subject_id)}
    for stranger in (bor, nobody()):
        answer = await contacts.client.get(
            f"/api/v1/people/{person['id']}/timeline", headers=contacts.headers(stranger)
        )
        assert answer.status_code == 404


async def test_a_hidden_callers_call_is_kept_and_belongs_to_nobody(
    contacts: Harness, call: Build, ring: Ring, keep: Keep
) -> None:
    hidden = call(hidden=True, phone=None, phone_raw="")
    await keep([ring(hidden), ring(call(direction="internal"))])
    (row,) = await contacts.rows("SELECT person_id, kind FROM timeline_item WHERE id = :id", id=hidden.id)
    assert row == {"person_id": None, "kind": "call"}


async def test_what_is_told_of_a_merged_card_lands_on_the_one_that_lives_on(
    contacts: Harness, keep: Keep, enter: Any, deal: Callable[..., DealState]
) -> None:
    winner, loser = await enter(HEAD), await enter(HEAD)
    before = deal_event(contacts, deal(person_id=loser["id"]))
    await keep([before])
    await contacts.client.post(
        f"/api/v1/people/{winner['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(HEAD)
    )
    after = [task_event(contacts, loser["id"]), deal_event(contacts, deal(person_id=UUID(loser["id"])))]
    await keep(after)
    page = await history(contacts, loser["id"])
    assert {item["id"] for item in page["items"]} == {str(before.id), str(after[0].subject_id), str(after[1].id)}
    assert {item["person_id"] for item in page["items"]} == {winner["id"]}


async def test_a_companys_history_holds_its_deals_and_those_of_its_people(
    contacts: Harness, keep: Keep, enter: Any, deal: Callable[..., DealState]
) -> None:
    company = await enter(HEAD, "companies")
    person = await enter(HEAD, company_id=company["id"])
    elsewhere = await enter(HEAD)
    direct = deal_event(contacts, deal(company_id=company["id"]))
    personal = task_event(contacts, person["id"])
    await keep([direct, personal, task_event(contacts, elsewhere["id"])])
    path = f"/api/v1/companies/{company['id']}/timeline"
    page = (await contacts.client.get(path, headers=contacts.headers(HEAD))).json()
    assert {item["id"] for item in page["items"]} == {str(direct.id), str(personal.subject_id)}
    assert (await contacts.client.get(path, headers=contacts.headers(nobody()))).status_code == 404
