"""Tasks, and the timers behind them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.context import Story, telling
from crm_chassis.database import is_infrastructure
from crm_chassis.schedule import Due
from crm_chassis.testing import eventually, nobody, running
from crm_contracts.deals import (
    TASK_BECAME_OVERDUE,
    TASK_COMPLETED,
    TASK_CREATED,
    TASK_REMINDER_REACHED,
    TASK_REOPENED,
    TASK_UPDATED,
    TaskState,
)
from crm_deals.main import wiring
from crm_deals.settings import DealsSettings
from crm_deals.tasks.schemas import TaskOut
from crm_deals.tasks.service import remind
from sqlalchemy.exc import DBAPIError

from .desk import Desk


def soon(seconds: float = 0) -> str:
    """That many seconds from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def timers(desk: Desk, task: dict[str, Any]) -> dict[str, datetime]:
    """What is due for a task."""
    rows = await desk.harness.rows("SELECT kind, due_at FROM due_work WHERE key = :key", key=task["id"])
    return {row["kind"]: row["due_at"] for row in rows}


async def test_a_new_task_is_told_and_timed(desk: Desk) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    deal = await desk.deal(ana)
    task = await desk.task(ana, note="two\nlines", deal_id=deal["id"], person_id=str(person), remind_at=soon(3600))
    shown = TaskOut.model_validate(task)
    assert (shown.kind, shown.status, shown.misses, shown.version) == ("plain", "open", 0, 1)
    (event,) = await desk.told(None, task["id"])
    state = TaskState.model_validate(event.data)
    assert (event.type, str(event.correlationid)) == (TASK_CREATED, task["correlation_id"])
    assert (state.pii.title, state.pii.note) == ("Send the offer", "two\nlines")
    assert "title" not in event.data
    assert await timers(desk, task) == {"task.reminder": shown.remind_at, "task.overdue": shown.due_at}
    assert (await desk.get(ana, f"/tasks/{task['id']}")).json() == task


async def test_a_reminder_and_the_deadline_are_each_told_once_as_part_of_the_tasks_story(desk: Desk) -> None:
    ana = await desk.hire()
    task = await desk.task(ana, timedelta(seconds=0.6), remind_at=soon(0.3))
    await eventually(lambda: desk.told(TASK_BECAME_OVERDUE, task["id"]))
    events = await desk.told(None, task["id"])
    assert [event.type for event in events] == [TASK_CREATED, TASK_REMINDER_REACHED, TASK_BECAME_OVERDUE]
    assert [event.sequence for event in events] == [1, 2, 3]
    assert {str(event.correlationid) for event in events} == {task["correlation_id"]}
    assert events[1].actor == "system:deals"
    assert await timers(desk, task) == {}


async def test_timers_follow_a_moved_deadline_and_end_with_the_task(desk: Desk) -> None:
    ana = await desk.hire()
    task = await desk.task(ana, remind_at=soon(3600))
    later = datetime.fromisoformat(task["due_at"]) + timedelta(days=2)
    moved = (await desk.patch(ana, f"/tasks/{task['id']}", 1, {"due_at": later.isoformat()})).json()
    expected = datetime.fromisoformat(task["remind_at"]) + timedelta(days=2)
    assert datetime.fromisoformat(moved["remind_at"]) == expected
    assert await timers(desk, task) == {"task.reminder": expected, "task.overdue": later}
    await desk.patch(ana, f"/tasks/{task['id']}", 2, {"remind_at": None})
    assert await timers(desk, task) == {"task.overdue": later}
    done = await desk.post(ana, f"/tasks/{task['id']}/complete")
    assert (done.status_code, done.json()["status"], done.json()["completed_by"]) == (200, "done", f"user:{ana.id}")
    assert await timers(desk, task) == {}
    again = await desk.post(ana, f"/tasks/{task['id']}/complete")
    assert again.json() == done.json()
    types = [event.type for event in await desk.told(None, task["id"])]
    assert types == [TASK_CREATED, TASK_UPDATED, TASK_UPDATED, TASK_COMPLETED]
    refused = await desk.patch(ana, f"/tasks/{task['id']}", 4, {"title": "Again"})
    assert (refused.status_code, refused.json()["code"]) == (409, "task_done")


async def test_a_timer_that_comes_too_late_for_a_done_task_tells_nothing(desk: Desk) -> None:
    task = await desk.task(desk.head)
    await desk.post(desk.head, f"/tasks/{task['id']}/complete")
    due = Due("task.reminder", task["id"], datetime.now(UTC), {}, uuid4())
    with telling(Story.of_system("deals")):
        async with desk.harness.database.transaction() as tx:
            await remind(tx, due)
    assert [event.type for event in await desk.told(None, task["id"])] == [TASK_CREATED, TASK_COMPLETED]


async def test_a_timer_does_not_wait_for_a_task_somebody_is_changing(desk: Desk) -> None:
    task = await desk.task(desk.head)
    due = Due("task.reminder", task["id"], datetime.now(UTC), {}, uuid4())
    async with desk.harness.database.transaction() as held:
        await held.execute(sa.text("SELECT 1 FROM task WHERE id = :id FOR UPDATE"), {"id": task["id"]})
        with telling(Story.of_system("deals")), pytest.raises(DBAPIError) as refused:
            async with desk.harness.database.transaction() as tx:
                await remind(tx, due)
    assert is_infrastructure(refused.value)


async def test_timers_survive_a_restart_and_ring_once(
    make_database: Callable[[str], str], make_vhost: Callable[[], str]
) -> None:
    places = {"database_url": make_database("deals"), "amqp_url": make_vhost()}
    async with running(wiring, DealsSettings, role="api", **places) as harness:  # no scheduler runs here
        desk = Desk(harness)
        task = await desk.task(desk.head, timedelta(0))
        assert set(await timers(desk, task)) == {"task.overdue"}
    await _start_once_more(places, task["id"])
    await _start_once_more(places, task["id"])


async def _start_once_more(places: dict[str, str], task_id: str) -> None:
    """The service starts, rings for another task too, and has rung for this one exactly once by then."""
    async with running(
        wiring, DealsSettings, database_url=places["database_url"], amqp_url=places["amqp_url"]
    ) as harness:
        desk = Desk(harness)
        probe = await desk.task(desk.head, timedelta(0))
        await eventually(lambda: desk.told(TASK_BECAME_OVERDUE, probe["id"]))
        assert len(await desk.told(TASK_BECAME_OVERDUE, task_id)) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"due_at": "2026-11-23T10:00:00"}, "due_at"),
        ({"remind_at": "2999-01-01T00:00:00Z"}, "remind_at"),
        ({"deal_id": str(uuid4())}, "deal_id"),
        ({"owner_id": str(uuid4())}, "owner_id"),
        ({"title": "two\nlines"}, "title"),
        ({"completed_by": "user:me"}, "completed_by"),
    ],
)
async def test_a_refused_task_leaves_no_row_and_no_event(desk: Desk, body: dict[str, Any], field: str) -> None:
    ana = await desk.hire()
    before = await desk.traces()
    answer = await desk.post(ana, "/tasks", {"title": "A", "due_at": soon(3600)} | body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert await desk.traces() == before


async def test_nobody_and_a_foreign_salesperson_see_and_change_no_tasks(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor Zupan")
    deal = await desk.deal(ana)
    task = await desk.task(ana)
    path = f"/tasks/{task['id']}"
    reader = Principal(id=uuid4(), role="reader", grants={"task:read": Scope.ALL})
    before = await desk.traces()
    for stranger in (bor, nobody()):
        assert (await desk.get(stranger, path)).status_code == 404
        assert (await desk.get(stranger, "/tasks", owner_id=str(ana.id))).json()["items"] == []
        assert (await desk.patch(stranger, path, 1, {"title": "Mine"})).status_code == 404
        assert (await desk.post(stranger, f"{path}/complete")).status_code == 404
    assert (await desk.get(reader, path)).status_code == 200
    assert (await desk.patch(reader, path, 1, {"title": "Mine"})).status_code == 403
    assert (await desk.post(reader, f"{path}/complete")).status_code == 403
    assert (await desk.patch(ana, path, 9, {"title": "Mine"})).status_code == 409
    hidden = {"title": "A", "due_at": soon(60), "deal_id": deal["id"]}
    assert (await desk.post(bor, "/tasks", hidden)).status_code == 422
    assert await desk.traces() == before


async def test_the_list_comes_by_due_time_and_filters(desk: Desk) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    deal = await desk.deal(ana)
    late = await desk.task(ana, timedelta(days=3), deal_id=deal["id"])
    early = await desk.task(ana, timedelta(days=1), person_id=str(person))
    done = await desk.task(ana, timedelta(days=2))
    await desk.post(ana, f"/tasks/{done['id']}/complete")

    async def found(**filters: Any) -> list[str]:
        return [item["id"] for item in (await desk.get(ana, "/tasks", **filters)).json()["items"]]

    everything = [early["id"], done["id"], late["id"]]
    assert await found() == everything
    assert await found(status="open") == [early["id"], late["id"]]
    assert await found(kind="callback") == []
    assert await found(deal_id=deal["id"]) == [late["id"]]
    assert await found(person_id=str(person)) == [early["id"]]
    assert await found(due_from=done["due_at"], due_before=late["due_at"]) == [done["id"]]
    first = (await desk.get(ana, "/tasks", limit=2)).json()
    assert await found(cursor=first["next_cursor"]) == everything[2:]
    with desk.harness.statements() as statements:
        await desk.get(ana, "/tasks")
    assert sum("FROM task" in statement for statement in statements) == 1


async def test_a_task_done_by_mistake_is_opened_again_and_rings_at_its_time(desk: Desk) -> None:
    ana = await desk.hire()
    task = await desk.task(ana, remind_at=soon(3600))
    await desk.post(ana, f"/tasks/{task['id']}/complete")
    answer = await desk.post(ana, f"/tasks/{task['id']}/reopen")
    assert answer.json() == task | {"version": 3}
    assert answer.headers["etag"] == '"3"'
    event = (await desk.told(None, task["id"]))[-1]
    state = TaskState.model_validate(event.data)
    assert (event.type, event.sequence, event.actor) == (TASK_REOPENED, 3, f"user:{ana.id}")
    assert (state.status, state.completed_at, state.completed_by) == ("open", None, None)
    assert state.changed == ["status", "completed_at", "completed_by"]
    times = {name: datetime.fromisoformat(task[name]) for name in ("remind_at", "due_at")}
    assert await timers(desk, task) == {"task.reminder": times["remind_at"], "task.overdue": times["due_at"]}
    again = await desk.post(ana, f"/tasks/{task['id']}/reopen")
    assert (again.status_code, again.json()["version"]) == (200, 3)
    assert len(await desk.told(None, task["id"])) == 3


async def test_what_has_rung_does_not_ring_again_when_the_task_is_opened_again(desk: Desk) -> None:
    ana = await desk.hire()
    task = await desk.task(ana, timedelta(seconds=-1))
    await desk.until("SELECT 1 FROM task WHERE id = :id AND version = 2", id=task["id"])
    await desk.post(ana, f"/tasks/{task['id']}/complete")
    await desk.post(ana, f"/tasks/{task['id']}/reopen")
    assert await timers(desk, task) == {}
    assert len(await desk.told(TASK_BECAME_OVERDUE, task["id"])) == 1


async def test_who_may_not_change_a_task_does_not_open_it_again(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor")
    task = await desk.task(ana)
    await desk.post(ana, f"/tasks/{task['id']}/complete")
    before = await desk.traces()
    assert (await desk.post(bor, f"/tasks/{task['id']}/reopen")).status_code == 404
    assert (await desk.post(nobody(), f"/tasks/{task['id']}/reopen")).status_code == 404
    assert (await desk.post(ana, f"/tasks/{uuid4()}/reopen")).status_code == 404
    assert await desk.traces() == before


async def test_what_was_done_today_is_a_list_of_its_own(desk: Desk) -> None:
    ana = await desk.hire()
    before = await desk.task(ana)
    await desk.post(ana, f"/tasks/{before['id']}/complete")
    since = soon()
    done, _ = await desk.task(ana), await desk.task(ana)
    await desk.post(ana, f"/tasks/{done['id']}/complete")
    listed = (await desk.get(ana, "/tasks", completed_from=since, owner_id=str(ana.id))).json()["items"]
    assert [task["id"] for task in listed] == [done["id"]]
