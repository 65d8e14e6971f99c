"""Use cases of tasks, and the timers that remind of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import allowed_owner, require
from crm_chassis.access.principal import Principal
from crm_chassis.context import current, telling
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.metrics import counter
from crm_chassis.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, StaleVersion
from crm_chassis.schedule import Due, schedule, unschedule
from crm_contracts.deals import (
    TASK_BECAME_OVERDUE,
    TASK_COMPLETED,
    TASK_CREATED,
    TASK_REMINDER_REACHED,
    TASK_REOPENED,
    TASK_UPDATED,
)

from crm_deals.callbacks import repository as calls
from crm_deals.cards.service import believed
from crm_deals.deals import repository as deals
from crm_deals.tasks import repository
from crm_deals.tasks.schemas import TaskCreate, TaskOut, TaskPatch, task_out, task_state

CREATED = counter("tasks_created", "Tasks created", ["kind"])
COMPLETED = counter("tasks_completed", "Tasks completed", ["kind"])

REMINDER = "task.reminder"
OVERDUE = "task.overdue"


async def create_task(tx: Transaction, caller: Principal, body: TaskCreate, now: datetime) -> TaskOut:
    """The task is open, and its owner will be reminded."""
    require(caller, "task", "create")
    owner_id = body.owner_id or caller.id
    await _check_owner(tx, caller, "create", owner_id)
    _check_times(body.due_at, body.remind_at)
    await _check_deal(tx, caller, body.deal_id)
    row = await add_task(
        tx,
        {
            "kind": "plain",
            "status": "open",
            "title": body.title,
            "note": body.note,
            "owner_id": owner_id,
            "deal_id": body.deal_id,
            "person_id": await believed(tx, caller, "person", body.person_id) if body.person_id else None,
            "misses": 0,
            "due_at": body.due_at,
            "remind_at": body.remind_at,
            "created_at": now,
            "correlation_id": current().correlation_id,
        },
    )
    return task_out(row)


async def patch_task(tx: Transaction, caller: Principal, id: UUID, version: int, patch: TaskPatch) -> TaskOut:
    """The task stands as patched and its timers with it: a reminder keeps its distance to a moved due time."""
    row = await _lock_for_change(tx, caller, id)
    if row.version != version:
        raise StaleVersion(task_out(row))
    if row.status == "done":
        raise Conflict("The task is done.", code="task_done")
    given = patch.given()
    if "due_at" in given and "remind_at" not in given and row.remind_at:
        given["remind_at"] = row.remind_at + (given["due_at"] - row.due_at)
    values = {name: value for name, value in given.items() if row._mapping[name] != value}
    if not values:
        return task_out(row)
    if "owner_id" in values:
        await _check_owner(tx, caller, "update", values["owner_id"])
    if values.get("person_id"):
        values["person_id"] = await believed(tx, caller, "person", values["person_id"])
    if "deal_id" in values:
        await _check_deal(tx, caller, values["deal_id"])
    _check_times(values.get("due_at", row.due_at), values.get("remind_at", row.remind_at))
    changed = list(values)
    values["human_fields"] = sorted({*row.human_fields, *changed})
    return task_out(await change_task(tx, row, values, changed))


async def complete_task(tx: Transaction, caller: Principal, id: UUID, now: datetime) -> TaskOut:
    """The task is done; done twice is done once."""
    row = await _lock_for_change(tx, caller, id)
    if row.status == "done":
        return task_out(row)
    done = {"status": "done", "completed_at": now, "completed_by": caller.actor}
    return task_out(await change_task(tx, row, done, list(done)))


async def reopen_task(tx: Transaction, caller: Principal, id: UUID) -> TaskOut:
    """The task is to be done again; what has rung of it before does not ring a second time.

    A call-back that calls closed stays closed: the conversation took place.
    """
    row = await repository.read(tx.connection, caller, id)
    if row is not None and row.phone:
        # Until the commit no call makes or closes a call-back of this number.
        await calls.lock(tx, f"phone:{row.phone}")
    row = await _lock_for_change(tx, caller, id)
    if row.status == "open":
        return task_out(row)
    if row.kind == "callback":
        if not (row.completed_by or "").startswith("user:"):
            raise Conflict("A call closed this call-back.", code="closed_by_call")
        if await repository.has_open_callback(tx, row.phone):
            raise Conflict("There is a newer call-back for this number.", code="newer_callback")
    reopened = await repository.change(tx, id, {"status": "open", "completed_at": None, "completed_by": None})
    _tell(tx, TASK_REOPENED, reopened, ["status", "completed_at", "completed_by"])
    await _set_timers(tx, reopened, unheard_since=row.completed_at)
    return task_out(reopened)


async def let_go(tx: Transaction, deal_ids: Sequence[UUID]) -> None:
    """No task is of these deals any more, and each that was tells so."""
    for row in await repository.let_go(tx, deal_ids):
        _tell(tx, TASK_UPDATED, row, ["deal_id"])


async def add_task(tx: Transaction, values: dict[str, Any]) -> sa.Row[Any]:
    """The task is stored, told and timed; one born done has no timers."""
    row = await repository.add(tx, values | {"id": new_id(), "version": 1})
    _tell(tx, TASK_CREATED, row, sorted(values))
    tx.after_commit(CREATED.labels(row.kind).inc)
    if row.status == "open":
        await _set_timers(tx, row)
    return row


async def change_task(tx: Transaction, before: sa.Row[Any], values: dict[str, Any], changed: list[str]) -> sa.Row[Any]:
    """The row-locked task has these values; one event says so, and the timers follow."""
    row = await repository.change(tx, before.id, values)
    completed = before.status == "open" and row.status == "done"
    _tell(tx, TASK_COMPLETED if completed else TASK_UPDATED, row, changed)
    if completed:
        tx.after_commit(COMPLETED.labels(row.kind).inc)
    if row.status == "done":
        await unschedule(tx, REMINDER, str(row.id))
        await unschedule(tx, OVERDUE, str(row.id))
    elif before.status == "done" or (before.due_at, before.remind_at) != (row.due_at, row.remind_at):
        await _set_timers(tx, row)
    return row


async def remind(tx: Transaction, due: Due) -> None:
    """The time to be reminded of a task has been told, once."""
    await _ring(tx, due, TASK_REMINDER_REACHED)


async def become_overdue(tx: Transaction, due: Due) -> None:
    """That a task was not done in time has been told, once."""
    await _ring(tx, due, TASK_BECAME_OVERDUE)


async def _ring(tx: Transaction, due: Due, type: str) -> None:
    # A timer holds its due work and asks for the task; a patch does it the other way round. Never wait here.
    row = await repository.locked_at_once(tx, UUID(due.key))
    if row is None or row.status == "done":
        return
    row = await repository.change(tx, row.id, {})
    _tell(tx, type, row, [])


async def _set_timers(tx: Transaction, row: sa.Row[Any], unheard_since: datetime | None = None) -> None:
    """The task's times will ring, or those of them that had not come by `unheard_since`."""
    with telling(replace(current(), correlation_id=row.correlation_id)):
        if unheard_since is None or row.due_at > unheard_since:
            await schedule(tx, OVERDUE, str(row.id), row.due_at)
        if row.remind_at and (unheard_since is None or row.remind_at > unheard_since):
            await schedule(tx, REMINDER, str(row.id), row.remind_at)
        else:
            await unschedule(tx, REMINDER, str(row.id))


def _tell(tx: Transaction, type: str, row: sa.Row[Any], changed: list[str]) -> None:
    with telling(replace(current(), correlation_id=row.correlation_id)):
        tx.record(type, subject="task", id=row.id, sequence=row.version, data=task_state(row, changed))


async def _lock_for_change(tx: Transaction, caller: Principal, id: UUID) -> sa.Row[Any]:
    row = await repository.locked_for(tx, caller, id)
    if row is None:
        raise NotFound()
    if not row.changeable:
        raise Forbidden("You may see this task, not change it.")
    return row


async def _check_owner(tx: Transaction, caller: Principal, action: str, owner_id: UUID) -> None:
    if not await allowed_owner(tx, caller, "task", action, owner_id):
        raise Invalid([FieldError("owner_id", "owner_not_allowed", "You can not give tasks to this user.")])


async def _check_deal(tx: Transaction, caller: Principal, deal_id: UUID | None) -> None:
    if deal_id and (
        await deals.read(tx.connection, caller, deal_id) is None or not await deals.keep_standing(tx, deal_id)
    ):
        raise Invalid([FieldError("deal_id", "unknown_deal", "There is no such deal, or you may not see it.")])


def _check_times(due_at: datetime, remind_at: datetime | None) -> None:
    if remind_at and remind_at > due_at:
        raise Invalid([FieldError("remind_at", "after_due", "A reminder comes before the task is due.")])
