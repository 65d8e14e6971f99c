"""Whom a task's facts concern."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from crm_contracts.deals import TASK_BECAME_OVERDUE, TASK_CREATED, TASK_REMINDER_REACHED, TaskPii, TaskState
from crm_notifications.notices.rules import notices_of

OWNER, LEAD, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
DUE = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)


def task(**changes: Any) -> TaskState:
    values: dict[str, Any] = {
        "id": UUID(int=9),
        "kind": "callback",
        "status": "open",
        "owner_id": OWNER,
        "deal_id": None,
        "person_id": UUID(int=8),
        "call_id": None,
        "misses": 1,
        "due_at": DUE,
        "remind_at": None,
        "created_at": DUE,
        "completed_at": None,
        "completed_by": None,
        "correlation_id": UUID(int=7),
        "version": 1,
        "pii": TaskPii(title="Call back", note="private", phone="+38640111222"),
    }
    return TaskState(**(values | changes))


def test_a_task_made_by_the_system_or_a_colleague_is_news_to_its_owner() -> None:
    for actor in ("system:deals", f"user:{OTHER}"):
        (notice,) = notices_of(TASK_CREATED, task(), actor, LEAD)
        assert (notice.user_id, notice.kind) == (OWNER, "task_created")


def test_a_task_made_for_oneself_is_no_news() -> None:
    assert notices_of(TASK_CREATED, task(), f"user:{OWNER}", LEAD) == ()


def test_a_task_born_done_needs_nobody() -> None:
    for fact in (TASK_CREATED, TASK_REMINDER_REACHED, TASK_BECAME_OVERDUE):
        assert notices_of(fact, task(status="done"), "system:deals", LEAD) == ()


def test_overdue_is_told_to_the_owner_and_the_lead_once_each() -> None:
    assert [n.user_id for n in notices_of(TASK_BECAME_OVERDUE, task(), "system:deals", LEAD)] == [OWNER, LEAD]
    assert [n.user_id for n in notices_of(TASK_BECAME_OVERDUE, task(), "system:deals", OWNER)] == [OWNER]
    assert [n.user_id for n in notices_of(TASK_BECAME_OVERDUE, task(), "system:deals", None)] == [OWNER]


def test_a_task_put_off_is_reminded_of_once_more_and_the_same_time_never_twice() -> None:
    (first,) = notices_of(TASK_REMINDER_REACHED, task(), "system:deals", None)
    (again,) = notices_of(TASK_REMINDER_REACHED, task(misses=2), "system:deals", None)
    (later,) = notices_of(TASK_REMINDER_REACHED, task(due_at=DUE + timedelta(hours=1)), "system:deals", None)
    assert first.origin_key == again.origin_key == f"reminder:{UUID(int=9)}:{DUE.isoformat()}:{OWNER}"
    assert later.origin_key != first.origin_key


def test_a_notice_carries_what_a_client_needs_to_word_it_and_not_the_note() -> None:
    (notice,) = notices_of(TASK_REMINDER_REACHED, task(), "system:deals", None)
    assert notice.params["title"] == "Call back"
    assert notice.params["phone"] == "+38640111222"
    assert notice.params["due_at"] == DUE.isoformat()
    assert "private" not in notice.params.values()
    assert "deal_id" not in notice.params
