"""Routes of tasks."""

from typing import Annotated
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query

from crm_deals.cards.repository import all_ids
from crm_deals.tasks import repository, service
from crm_deals.tasks.schemas import TaskCreate, TaskOut, TaskPatch, TaskQuery, task_out

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("", response_model=Page[TaskOut])
async def list_tasks(query: Annotated[TaskQuery, Query()], caller: Caller, connection: Reader) -> JSON:
    """Tasks the caller may see, by when they are due; a person is found under every id they ever had."""
    people = await all_ids(connection, "person", query.person_id) if query.person_id else []
    rows, next_cursor = await repository.listed(connection, caller, query, people)
    return JSON(Page[TaskOut](items=[task_out(row) for row in rows], next_cursor=next_cursor))


@router.post("", response_model=TaskOut, status_code=201)
async def create_task(body: TaskCreate, caller: Caller, tx: Tx, once: Once) -> JSON:
    """A new task."""
    task = await service.create_task(tx, caller, body, now())
    return await once.reply(201, task, etag=task.version)


@router.get("/{id}", response_model=TaskOut)
async def get_task(id: UUID, caller: Caller, connection: Reader) -> JSON:
    """One task."""
    row = await repository.read(connection, caller, id)
    if row is None:
        raise NotFound()
    return JSON(task_out(row), etag=row.version)


@router.patch("/{id}", response_model=TaskOut)
async def patch_task(id: UUID, patch: TaskPatch, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
    """Title, note, times, owner, deal, person of an open task."""
    task = await service.patch_task(tx, caller, id, version, patch)
    return JSON(task, etag=task.version)


@router.post("/{id}/complete", response_model=TaskOut)
async def complete_task(id: UUID, caller: Caller, tx: Tx, once: Once) -> JSON:
    """The task is done; asking again changes nothing, so no version is needed."""
    task = await service.complete_task(tx, caller, id, now())
    return await once.reply(200, task, etag=task.version)


@router.post("/{id}/reopen", response_model=TaskOut)
async def reopen_task(id: UUID, caller: Caller, tx: Tx, once: Once) -> JSON:
    """The task is open again, as if it had not been completed; asking twice changes nothing."""
    task = await service.reopen_task(tx, caller, id)
    return await once.reply(200, task, etag=task.version)
