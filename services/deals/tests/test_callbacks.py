"""Missed calls become call-backs, and calls become deals: through the reader deals.calls."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import eventually
from crm_contracts.deals import (
    DEAL_CREATED,
    DEAL_UPDATED,
    TASK_COMPLETED,
    TASK_CREATED,
    TASK_UPDATED,
    DealState,
    TaskState,
)
from crm_contracts.envelope import Envelope, Lane
from crm_deals.consumers import calls_reader
from crm_deals.settings import DealsSettings

from .desk import MONDAY, Desk, Ring, new_phone

READER = "deals.calls"


async def hear(desk: Desk, *events: Envelope) -> None:
    """The events are handled one after the other, each in its transaction, with nothing before the use case."""
    handle = calls_reader(DealsSettings())
    for event in events:
        with telling(Story.caused_by(event, "deals")):
            async with desk.harness.database.transaction() as tx:
                await handle(tx, event)


async def hear_together(desk: Desk, events: Sequence[Envelope]) -> None:
    """All events are handled at once; the first eight have their transactions open before any goes on."""
    handle, open_ones = calls_reader(DealsSettings()), asyncio.Barrier(8)

    async def one(event: Envelope, waits: bool) -> None:
        with telling(Story.caused_by(event, "deals")):
            async with desk.harness.database.transaction() as tx:
                if waits:
                    await open_ones.wait()
                await handle(tx, event)

    await asyncio.gather(*(one(event, number < open_ones.parties) for number, event in enumerate(events)))


async def deliver(desk: Desk, *events: Envelope, done: bool = True) -> None:
    """The events come through the broker; when `done`, each has been taken."""
    await desk.harness.deliver(*events, queue=READER)
    if done:
        query = "SELECT count(*) AS taken FROM inbox WHERE reader = :reader AND event_id = ANY(:ids)"
        ids = list({event.id for event in events})

        async def taken() -> bool:
            return bool((await desk.harness.rows(query, reader=READER, ids=ids))[0]["taken"] == len(ids))

        await eventually(taken)


async def tasks(desk: Desk, phone: str) -> list[dict[str, Any]]:
    """Call-backs of a number, by what they are named after."""
    query = "SELECT * FROM task WHERE phone = :phone ORDER BY created_at, id"
    return await desk.harness.rows(query, phone=phone)


async def deals(desk: Desk, person: UUID) -> list[dict[str, Any]]:
    """Deals of a person."""
    return await desk.harness.rows("SELECT * FROM deal WHERE person_id = :person ORDER BY id", person=person)


def at(minute: float) -> datetime:
    """That many minutes into Monday's story."""
    return MONDAY + timedelta(minutes=minute)


async def test_a_missed_call_makes_one_call_back_due_in_fifteen_working_minutes(desk: Desk, phone: str) -> None:
    call = Ring(phone, 0)
    missed = call.missed(desk.harness)
    await deliver(desk, missed, missed)
    await deliver(desk, missed.model_copy(update={"id": new_id()}))
    (task,) = await tasks(desk, phone)
    assert (task["kind"], task["status"], task["misses"], task["version"]) == ("callback", "open", 1, 1)
    assert (task["owner_id"], task["person_id"], task["title"]) == (call.ringing[0], None, phone)
    assert (task["due_at"], task["remind_at"]) == (at(16), at(11))
    assert (task["origin_key"], task["call_id"]) == (f"callback:{call.id}", call.id)
    (event,) = await desk.told(None, task["id"])
    state = TaskState.model_validate(event.data)
    assert (event.type, event.correlationid, event.causationid) == (TASK_CREATED, call.correlation_id, missed.id)
    assert (state.pii.phone, state.correlation_id) == (phone, call.correlation_id)
    assert phone not in str({key: value for key, value in event.data.items() if key != "pii"})
    timers = await desk.harness.rows(
        "SELECT kind, due_at, correlation_id FROM due_work WHERE key = :key", key=str(task["id"])
    )
    assert {timer["correlation_id"] for timer in timers} == {call.correlation_id}
    assert {timer["kind"]: timer["due_at"] for timer in timers} == {"task.reminder": at(11), "task.overdue": at(16)}


async def test_misses_talks_and_links_in_any_order_and_twice_leave_the_same_rows(desk: Desk, phone: str) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    first, back, again = Ring(phone, 0), Ring(phone, 5, direction="out"), Ring(phone, 9)
    events = [
        first.missed(desk.harness),
        first.linked(desk.harness, person, ana.id),
        back.ended(desk.harness),
        again.missed(desk.harness),
    ]
    await hear(desk, *events)
    expected = await _rows(desk, phone)
    assert [row["status"] for row in expected] == ["done", "open"]
    for order in permutations(events):
        await _forget(desk, phone)
        await hear(desk, *order, *order[::2])
        assert await _rows(desk, phone) == expected, [event.type for event in order]
    assert len(await deals(desk, person)) == 1


async def test_a_call_told_in_any_order_of_its_versions_leaves_the_same_rows(desk: Desk, phone: str) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    call = Ring(phone, 0)
    events = [
        call.missed(desk.harness, version=2),
        call.answered(desk.harness, version=3),
        call.ended(desk.harness, version=4),
        call.linked(desk.harness, person, ana.id),
    ]
    await hear(desk, *events)
    expected = await _rows(desk, phone)
    assert [(row["status"], row["completed_at"]) for row in expected] == [("done", at(1 / 3))]
    for order in permutations(events):
        await _forget(desk, phone)
        await hear(desk, *order)
        assert await _rows(desk, phone) == expected, [event.type for event in order]


async def _rows(desk: Desk, phone: str) -> list[dict[str, Any]]:
    """What the call-backs of a number say, without what tells how they came about; their timers too."""
    rows = []
    for task in sorted(await tasks(desk, phone), key=lambda task: str(task["origin_key"])):
        timers = await desk.harness.rows(
            "SELECT kind, due_at, correlation_id FROM due_work WHERE key = :key ORDER BY kind", key=str(task["id"])
        )
        told = {name: value for name, value in task.items() if name not in ("id", "created_at", "version")}
        rows.append(told | {"timers": timers})
    return rows


async def _forget(desk: Desk, phone: str) -> None:
    async with desk.harness.database.transaction() as tx:
        for table in ("task", "known_call"):
            await tx.connection.exec_driver_sql(f"DELETE FROM {table} WHERE phone = $1", (phone,))  # noqa: S608 # names above


async def test_fifty_parallel_misses_of_one_number_are_one_call_back(desk: Desk, phone: str) -> None:
    calls = [Ring(phone, minute) for minute in range(50)]
    await hear_together(desk, [call.missed(desk.harness) for call in calls])
    (task,) = await tasks(desk, phone)
    assert (task["status"], task["misses"], task["call_id"]) == ("open", 50, calls[0].id)
    events = await desk.told(None, task["id"])
    assert [event.sequence for event in events] == list(range(1, task["version"] + 1))


async def test_fifty_parallel_first_calls_of_one_person_are_one_deal(desk: Desk) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    calls = [Ring(new_phone(), minute) for minute in range(50)]
    await hear_together(desk, [call.linked(desk.harness, person, ana.id) for call in calls])
    (deal,) = await deals(desk, person)
    assert len(await desk.told(DEAL_CREATED, deal["id"])) == 1


async def test_parallel_misses_and_links_of_one_customer_are_one_deal_and_one_call_back(desk: Desk, phone: str) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    calls = [Ring(phone, minute) for minute in range(25)]
    events = [call.missed(desk.harness) for call in calls]
    events += [call.linked(desk.harness, person, ana.id) for call in reversed(calls)]
    await hear_together(desk, [event for pair in zip(events[:25], events[:24:-1], strict=True) for event in pair])
    (task,), (deal,) = await tasks(desk, phone), await deals(desk, person)
    assert (task["misses"], task["person_id"], task["deal_id"]) == (25, person, deal["id"])


async def test_what_was_settled_days_ago_is_not_looked_at_again(desk: Desk, phone: str) -> None:
    old, talk, recent = Ring(phone, 0), Ring(phone, 0), Ring(phone, 0)
    for call, days in ((old, 5), (talk, 3), (recent, 0.1)):
        call.started_at = now() - timedelta(days=days)
    await hear(desk, old.missed(desk.harness), talk.ended(desk.harness), recent.missed(desk.harness))
    before = [(task["call_id"], task["status"], task["misses"]) for task in await tasks(desk, phone)]
    assert before == [(old.id, "done", 1), (recent.id, "open", 1)]
    await hear(desk, old.missed(desk.harness, version=7), recent.missed(desk.harness, version=7))
    assert [(task["call_id"], task["status"], task["misses"]) for task in await tasks(desk, phone)] == before


async def test_a_first_call_begins_a_deal_in_the_first_stage_of_the_calls_story(desk: Desk, phone: str) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    call = Ring(phone, 0)
    linked = call.linked(desk.harness, person, ana.id)
    await deliver(desk, linked, linked)
    (row,) = await deals(desk, person)
    stages = await desk.stages()
    assert (row["title"], row["owner_id"], str(row["stage_id"])) == ("Maja Kos", ana.id, stages["New"])
    assert (row["origin_type"], row["origin_id"]) == ("call", str(call.id))
    (event,) = await desk.told(None, row["id"])
    state = DealState.model_validate(event.data)
    assert (event.type, event.correlationid, event.actor) == (DEAL_CREATED, call.correlation_id, "system:deals")
    assert (state.amount, state.correlation_id, state.person_id) == ("0.00", call.correlation_id, person)


async def test_a_customer_with_an_open_deal_gets_no_second_and_outbound_calls_begin_none(
    desk: Desk, phone: str
) -> None:
    ana = await desk.hire()
    busy, cold = await desk.meet(ana.id), await desk.meet(ana.id)
    deal = await desk.deal(ana, person_id=str(busy))
    await hear(desk, Ring(phone, 0).linked(desk.harness, busy, ana.id))
    await hear(desk, Ring(phone, 0, direction="out").linked(desk.harness, cold, ana.id))
    assert [str(row["id"]) for row in await deals(desk, busy)] == [deal["id"]]
    assert await deals(desk, cold) == []
    await desk.move(ana, deal, "Lost", loss_reason="Price")
    await hear(desk, Ring(phone, 9).linked(desk.harness, busy, ana.id))
    assert len(await deals(desk, busy)) == 2


async def test_a_link_told_again_after_the_deal_was_closed_begins_no_other(desk: Desk, phone: str) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    deal = await desk.deal(ana, person_id=str(person))
    call = Ring(phone, 0)
    await hear(desk, call.linked(desk.harness, person, ana.id))
    await desk.move(ana, deal, "Won")
    await hear(desk, call.linked(desk.harness, person, ana.id, version=2, owner_source="answer"))
    assert len(await deals(desk, person)) == 1


async def test_who_answers_takes_deal_and_call_back_over_from_the_rule_and_nobody_from_him(
    desk: Desk, phone: str
) -> None:
    ana, bor, eva = await desk.hire(), await desk.hire("Bor Zupan"), await desk.hire("Eva Kralj")
    person = await desk.meet(ana.id)
    call = Ring(phone, 0)
    await hear(desk, call.missed(desk.harness), call.linked(desk.harness, person, ana.id))
    answer = call.linked(desk.harness, person, bor.id, version=2, owner_source="answer")
    late = call.linked(desk.harness, person, ana.id)
    await hear(desk, answer, answer, late)
    (row,), (task,) = await deals(desk, person), await tasks(desk, phone)
    assert (row["owner_id"], row["owner_source"], task["owner_id"]) == (bor.id, "answer", bor.id)
    (updated,) = await desk.told(DEAL_UPDATED, row["id"])
    assert (updated.data["changed"], updated.correlationid) == (["owner_id"], call.correlation_id)
    await hear(desk, Ring(phone, 3).linked(desk.harness, person, eva.id, owner_source="answer"))
    assert (await deals(desk, person))[0]["owner_id"] == bor.id


async def test_an_owner_a_person_chose_stays(desk: Desk, phone: str) -> None:
    ana, bor, eva = await desk.hire(), await desk.hire("Bor Zupan"), await desk.hire("Eva Kralj")
    person = await desk.meet(ana.id)
    call = Ring(phone, 0)
    await hear(desk, call.missed(desk.harness), call.linked(desk.harness, person, ana.id))
    (row,), (task,) = await deals(desk, person), await tasks(desk, phone)
    chosen = {"owner_id": str(eva.id), "due_at": at(60).isoformat(), "title": "Call about the door"}
    await desk.patch(desk.head, f"/deals/{row['id']}", 1, {"owner_id": str(eva.id)})
    assert (await desk.patch(desk.head, f"/tasks/{task['id']}", task["version"], chosen)).status_code == 200
    await hear(desk, call.linked(desk.harness, person, bor.id, version=2, owner_source="answer"))
    await hear(desk, Ring(phone, 4).missed(desk.harness))
    (row,), (task,) = await deals(desk, person), await tasks(desk, phone)
    assert row["owner_id"] == task["owner_id"] == eva.id
    assert (task["due_at"], task["title"], task["misses"]) == (at(60), "Call about the door", 2)


async def test_a_link_that_comes_after_the_miss_tells_who_it_was(desk: Desk, phone: str) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    call = Ring(phone, 0)
    await hear(desk, call.missed(desk.harness), call.linked(desk.harness, person, ana.id))
    (task,), (deal,) = await tasks(desk, phone), await deals(desk, person)
    assert (task["person_id"], task["owner_id"], task["title"]) == (person, ana.id, "Maja Kos")
    assert (task["deal_id"], task["version"]) == (deal["id"], 2)
    updated = (await desk.told(TASK_UPDATED, task["id"]))[0]
    assert set(updated.data["changed"]) == {"person_id", "owner_id", "title", "deal_id"}


async def test_a_conversation_closes_the_call_back_and_its_timers(desk: Desk, phone: str) -> None:
    call, back = Ring(phone, 0), Ring(phone, 5, direction="out")
    await hear(desk, call.missed(desk.harness), back.answered(desk.harness))
    (task,) = await tasks(desk, phone)
    assert (task["status"], task["completed_by"], task["completed_at"]) == ("done", "system:deals", at(5 + 1 / 3))
    assert await desk.harness.rows("SELECT 1 FROM due_work WHERE key = :key", key=str(task["id"])) == []
    completed = (await desk.told(TASK_COMPLETED, task["id"]))[0]
    assert completed.correlationid == call.correlation_id
    await hear(desk, back.ended(desk.harness))
    assert (await tasks(desk, phone))[0]["version"] == task["version"]


async def test_a_call_back_nobody_answered_stays_open(desk: Desk, phone: str) -> None:
    back = Ring(phone, 5, direction="out")
    unanswered = back.ended(desk.harness, answered_at=None, result="no_answer", talk_s=0)
    await hear(desk, Ring(phone, 0).missed(desk.harness), unanswered)
    assert [task["status"] for task in await tasks(desk, phone)] == ["open"]


async def test_a_miss_heard_of_after_the_conversation_is_born_closed(desk: Desk, phone: str) -> None:
    await hear(desk, Ring(phone, 5).ended(desk.harness), Ring(phone, 0).missed(desk.harness))
    (task,) = await tasks(desk, phone)
    assert (task["status"], task["version"]) == ("done", 1)
    (event,) = await desk.told(None, task["id"])
    assert (event.type, event.data["status"]) == (TASK_CREATED, "done")
    assert await desk.harness.rows("SELECT 1 FROM due_work WHERE key = :key", key=str(task["id"])) == []


async def test_a_miss_after_a_ticked_off_call_back_opens_another(desk: Desk, phone: str) -> None:
    call = Ring(phone, 0)
    await hear(desk, call.missed(desk.harness))
    (task,) = await tasks(desk, phone)
    assert (await desk.post(desk.head, f"/tasks/{task['id']}/complete")).status_code == 200
    await hear(desk, call.missed(desk.harness, version=5))
    await hear(desk, Ring(phone, 30).missed(desk.harness))
    assert [(one["status"], one["misses"]) for one in await tasks(desk, phone)] == [("done", 1), ("open", 1)]


async def test_a_hidden_number_is_not_called_back_and_a_corrected_number_is(desk: Desk, phone: str) -> None:
    call, other = Ring(phone, 0), new_phone()
    await hear(desk, call.missed(desk.harness, version=2, hidden=True))
    assert await tasks(desk, phone) == []
    await hear(desk, call.missed(desk.harness, version=3))
    call.phone = other
    await hear(desk, call.missed(desk.harness, version=4))
    everything = [*await tasks(desk, phone), *await tasks(desk, other)]
    assert [(task["phone"], task["status"]) for task in everything] == [(other, "open")]


async def test_history_that_is_replayed_imported_or_told_late_asks_for_nothing(desk: Desk, phone: str) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    call, probe = Ring(phone, 0), Ring(new_phone(), 0)
    late = now() - timedelta(hours=25)
    refused: Sequence[dict[str, Any]] = (
        {"replay": True},
        {"lane": Lane.BULK},
        {"time": late, "recordedtime": now()},
    )
    for change in refused:
        missed = call.missed(desk.harness)
        linked = call.linked(desk.harness, person, ana.id)
        events = [event.model_copy(update={"id": new_id()} | change) for event in (missed, linked)]
        await deliver(desk, *events, done=False)
    await deliver(desk, probe.missed(desk.harness))
    await desk.harness.idle(READER)
    assert await tasks(desk, phone) == []
    assert await deals(desk, person) == []
    assert len(await tasks(desk, probe.phone)) == 1


async def test_a_call_back_ticked_off_by_mistake_is_opened_again_and_a_conversation_closes_it(
    desk: Desk, phone: str
) -> None:
    await hear(desk, Ring(phone, 0).missed(desk.harness))
    (task,) = await tasks(desk, phone)
    await desk.post(desk.head, f"/tasks/{task['id']}/complete")
    assert (await desk.post(desk.head, f"/tasks/{task['id']}/reopen")).json()["status"] == "open"
    await hear(desk, Ring(phone, 5, direction="out").ended(desk.harness))
    assert [(one["status"], one["completed_by"]) for one in await tasks(desk, phone)] == [("done", "system:deals")]


async def test_a_call_back_closed_by_a_call_or_followed_by_another_stays_closed(desk: Desk, phone: str) -> None:
    await hear(desk, Ring(phone, 0).missed(desk.harness), Ring(phone, 5, direction="out").ended(desk.harness))
    (task,) = await tasks(desk, phone)
    refused = await desk.post(desk.head, f"/tasks/{task['id']}/reopen")
    assert (refused.status_code, refused.json()["code"]) == (409, "closed_by_call")
    await hear(desk, Ring(phone, 10).missed(desk.harness))
    _, second = await tasks(desk, phone)
    await desk.post(desk.head, f"/tasks/{second['id']}/complete")
    await hear(desk, Ring(phone, 20).missed(desk.harness))
    before = await desk.traces()
    refused = await desk.post(desk.head, f"/tasks/{second['id']}/reopen")
    assert (refused.status_code, refused.json()["code"]) == (409, "newer_callback")
    assert await desk.traces() == before
