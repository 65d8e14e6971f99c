"""Staff hear of what concerns them, once, and see only their own."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually, nobody
from crm_contracts import gateway
from crm_contracts.deals import TASK_BECAME_OVERDUE, TASK_CREATED, TASK_REMINDER_REACHED, TaskState
from crm_contracts.envelope import Envelope, Lane
from crm_contracts.notifications import NOTICE_CREATED, NoticeState
from crm_notifications.notices import service

from .scenes import boss, seller

QUEUE = "notifications.notices"


def task(owner: UUID, **changes: Any) -> TaskState:
    moment = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": new_id(),
        "kind": "callback",
        "status": "open",
        "owner_id": owner,
        "deal_id": None,
        "person_id": None,
        "call_id": None,
        "misses": 1,
        "due_at": moment,
        "remind_at": moment,
        "created_at": moment,
        "completed_at": None,
        "completed_by": None,
        "correlation_id": new_id(),
        "version": 1,
        "pii": {"title": "Call back", "note": "", "phone": "+38640111222"},
    }
    return TaskState(**(values | changes))


def fact(harness: Harness, type: str, state: TaskState, **more: Any) -> Envelope:
    return harness.event(type, state, subject="task", id=state.id, correlation_id=state.correlation_id, **more)


async def of(harness: Harness, user: UUID) -> list[dict[str, Any]]:
    return await harness.rows("SELECT * FROM notice WHERE user_id = :user ORDER BY created_at, id", user=user)


async def give(harness: Harness, user: UUID, count: int = 1) -> None:
    """The user has `count` more notices."""
    with telling(Story.of_system("notifications")):
        for _ in range(count):
            async with harness.database.transaction() as tx:
                await service.notify(tx, TASK_CREATED, task(user), "system:deals", now())


async def test_a_reminder_becomes_one_notice_in_its_story(live: Harness) -> None:
    owner = new_id()
    state = task(owner)
    reminder = fact(live, TASK_REMINDER_REACHED, state)
    same_cause_again = fact(live, TASK_REMINDER_REACHED, state, sequence=2)
    await live.deliver(reminder, reminder, reminder, same_cause_again)
    await eventually(lambda: of(live, owner))
    await live.idle(QUEUE)
    (notice,) = await of(live, owner)
    assert (notice["kind"], notice["subject_id"], notice["read_at"]) == ("task_reminder", state.id, None)
    told = [event for event in await live.recorded(NOTICE_CREATED) if event.correlationid == state.correlation_id]
    (event,) = told
    assert NoticeState.model_validate(event.data).user_id == owner
    assert event.causationid in (reminder.id, same_cause_again.id)  # whichever came first
    assert event.data["pii"]["params"]["title"] == "Call back"


async def test_a_lead_hears_of_what_became_overdue_in_the_team(live: Harness) -> None:
    owner, lead, team = new_id(), new_id(), new_id()
    user = gateway.UserState(
        id=owner,
        role="salesperson",
        team_id=team,
        locale="en",
        active=True,
        version=1,
        pii=gateway.UserPii(name="O", email="o@example.com"),
    )
    await live.deliver(
        live.event(gateway.USER_CREATED, user, subject="user", id=owner),
        live.event(
            gateway.TEAM_CHANGED,
            gateway.TeamState(id=team, name="T", lead_id=lead, version=1),
            subject="team",
            id=team,
        ),
    )
    await eventually(lambda: live.rows("SELECT 1 FROM staff_team WHERE id = :id", id=team))
    await eventually(lambda: live.rows("SELECT 1 FROM staff_member WHERE id = :id", id=owner))
    await live.deliver(fact(live, TASK_BECAME_OVERDUE, task(owner)))
    await eventually(lambda: of(live, lead))
    assert [notice["kind"] for notice in await of(live, owner)] == ["task_overdue"]


@pytest.mark.parametrize(
    "more",
    [
        {"lane": Lane.BULK},
        {"replay": True},
        {"time": datetime(2026, 11, 1, tzinfo=UTC), "recordedtime": datetime(2026, 11, 1, 1, 0, 1, tzinfo=UTC)},
    ],
)
async def test_imported_replayed_and_late_facts_notify_nobody(live: Harness, more: dict[str, Any]) -> None:
    owner, marker = new_id(), new_id()
    await live.deliver(fact(live, TASK_CREATED, task(owner), **more))
    await live.deliver(fact(live, TASK_CREATED, task(marker)))
    await eventually(lambda: of(live, marker))
    await live.idle(QUEUE)
    assert await of(live, owner) == []


async def test_a_user_reads_their_own_notices_and_nobody_elses(still: Harness) -> None:
    me, other = seller(), seller()
    await give(still, me.id, 2)
    await give(still, other.id)

    async def listed(caller: Principal, **filters: str) -> list[dict[str, Any]]:
        answer = await still.client.get("/api/v1/notices", params=filters, headers=still.headers(caller))
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def post(path: str, caller: Principal) -> Any:
        return await still.client.post(f"/api/v1/notices/{path}", headers=still.headers(caller))

    mine = await listed(me)
    assert len(mine) == 2
    assert await listed(boss()) == [], "not even the admin's grants reach another's notices"
    assert mine[0]["params"]["title"] == "Call back"
    for stranger in (other, boss()):
        assert (await post(f"{mine[0]['id']}/read", stranger)).status_code == 404
    read = await post(f"{mine[0]['id']}/read", me)
    again = await post(f"{mine[0]['id']}/read", me)
    assert read.json()["read_at"] is not None
    assert read.json() == again.json()
    assert [notice["id"] for notice in await listed(me, unread="true")] == [mine[1]["id"]]
    assert [notice["id"] for notice in await listed(me, unread="false")] == [mine[0]["id"]]
    assert (await post("read-all", me)).json() == {"read": 1}
    assert (await post("read-all", me)).json() == {"read": 0}
    assert await listed(me, unread="true") == []
    assert len(await listed(other, unread="true")) == 1


async def test_without_the_grant_there_are_no_notices(still: Harness) -> None:
    someone = nobody()
    await give(still, someone.id)
    headers = still.headers(someone)
    assert (await still.client.get("/api/v1/notices", headers=headers)).json() == {"items": [], "next_cursor": None}
    assert (await still.client.post("/api/v1/notices/read-all", headers=headers)).status_code == 403
    (notice,) = await of(still, someone.id)
    assert (await still.client.post(f"/api/v1/notices/{notice['id']}/read", headers=headers)).status_code == 404
    assert (await of(still, someone.id))[0]["read_at"] is None


async def test_a_list_of_notices_costs_the_same_at_any_length_and_pages_without_gaps(still: Harness) -> None:
    me = seller()
    await give(still, me.id)
    params: dict[str, Any] = {"limit": 3}
    with still.statements() as few:
        await still.client.get("/api/v1/notices", params=params, headers=still.headers(me))
    await give(still, me.id, 7)
    with still.statements() as many:
        await still.client.get("/api/v1/notices", params=params, headers=still.headers(me))
    assert len(few) == len(many)
    seen: list[str] = []
    while True:
        page = (await still.client.get("/api/v1/notices", params=params, headers=still.headers(me))).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 8
    wrong = await still.client.get("/api/v1/notices", params={"user_id": str(me.id)}, headers=still.headers(me))
    assert wrong.status_code == 422
