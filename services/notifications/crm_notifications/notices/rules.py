"""Whom a fact about a task concerns.

Pure: facts in, notices out. Must never know how a notice is worded: clients word it from kind and params.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from crm_contracts.deals import TASK_BECAME_OVERDUE, TASK_CREATED, TASK_REMINDER_REACHED, TaskState

Kind = Literal["task_created", "task_reminder", "task_overdue"]

_KIND: Final[dict[str, Kind]] = {
    TASK_CREATED: "task_created",
    TASK_REMINDER_REACHED: "task_reminder",
    TASK_BECAME_OVERDUE: "task_overdue",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice for one user. `origin_key` is permanent: the same cause never makes a second one."""

    origin_key: str
    user_id: UUID
    kind: Kind
    params: dict[str, str]


def notices_of(event_type: str, task: TaskState, actor: str, lead_id: UUID | None) -> tuple[Notice, ...]:
    """The notices of a task's fact; `lead_id` leads the owner's team.

    A task already done needs nobody; who makes a task for themself knows it; a lead hears of what became overdue.
    A task put off to a later time may be reminded of, and become overdue, once more.
    """
    kind = _KIND[event_type]
    if task.status != "open" or (kind == "task_created" and actor == f"user:{task.owner_id}"):
        return ()
    users = [task.owner_id]
    if kind == "task_overdue" and lead_id is not None and lead_id != task.owner_id:
        users.append(lead_id)
    moment = "" if kind == "task_created" else f"{_utc(task.due_at)}:"
    name = {"task_created": "task", "task_reminder": "reminder", "task_overdue": "overdue"}[kind]
    return tuple(Notice(f"{name}:{task.id}:{moment}{user}", user, kind, _params(task)) for user in users)


def _params(task: TaskState) -> dict[str, str]:
    params = {
        "title": task.pii.title,
        "phone": task.pii.phone,
        "task_kind": task.kind,
        "due_at": _utc(task.due_at),
        "owner_id": str(task.owner_id),
        "person_id": str(task.person_id) if task.person_id else None,
        "deal_id": str(task.deal_id) if task.deal_id else None,
        "call_id": str(task.call_id) if task.call_id else None,
    }
    return {name: value for name, value in params.items() if value is not None}


def _utc(moment: datetime) -> str:
    """One spelling of a moment, whatever zone it came in."""
    return moment.astimezone(UTC).isoformat()
