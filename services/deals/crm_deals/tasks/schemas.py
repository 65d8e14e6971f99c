"""Bodies of tasks, and a row of the database as the API and the events tell it."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.moments import Moment
from crm_chassis.paging import ListQuery
from crm_chassis.text import Line, Text
from crm_contracts.deals import TaskPii, TaskState
from pydantic import BaseModel, ConfigDict

from crm_deals.patching import MergePatch

Kind = Literal["callback", "plain"]
Status = Literal["open", "done"]


class TaskCreate(BaseModel):
    """A new task; oneself is the owner when nobody is named. `remind_at` is not after `due_at`."""

    model_config = ConfigDict(extra="forbid")

    title: Line
    note: Text = ""
    due_at: Moment
    remind_at: Moment | None = None
    owner_id: UUID | None = None
    deal_id: UUID | None = None
    person_id: UUID | None = None


class TaskPatch(MergePatch):
    """Changes to an open task. What a person changes on a call-back, later calls leave as it is."""

    clearable: ClassVar[frozenset[str]] = frozenset({"remind_at", "deal_id", "person_id"})

    title: Line | None = None
    note: Text | None = None
    due_at: Moment | None = None
    remind_at: Moment | None = None
    owner_id: UUID | None = None
    deal_id: UUID | None = None
    person_id: UUID | None = None


class TaskQuery(ListQuery):
    """Filters of the list; tasks come by when they are due."""

    owner_id: UUID | None = None
    status: Status | None = None
    kind: Kind | None = None
    due_from: Moment | None = None
    due_before: Moment | None = None
    completed_from: Moment | None = None
    deal_id: UUID | None = None
    person_id: UUID | None = None


class TaskOut(BaseModel):
    """A task; a call-back names the number to call and counts the misses it answers for."""

    id: UUID
    kind: Kind
    status: Status
    title: str
    note: str
    phone: str | None
    owner_id: UUID
    deal_id: UUID | None
    person_id: UUID | None
    call_id: UUID | None
    misses: int
    due_at: datetime
    remind_at: datetime | None
    created_at: datetime
    completed_at: datetime | None
    completed_by: str | None
    correlation_id: UUID
    version: int


_PII = ("title", "note", "phone")
_TOLD = tuple(name for name in TaskOut.model_fields if name not in _PII)


def task_out(row: sa.Row[Any]) -> TaskOut:
    """The task as the API tells it."""
    return TaskOut(**{name: getattr(row, name) for name in TaskOut.model_fields})


def task_state(row: sa.Row[Any], changed: list[str]) -> TaskState:
    """The task as events tell it."""
    return TaskState(
        **{name: getattr(row, name) for name in _TOLD},
        changed=changed,
        pii=TaskPii(title=row.title, note=row.note, phone=row.phone),
    )
