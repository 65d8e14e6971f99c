"""Use cases of notices."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import NotFound
from crm_contracts.deals import TaskState
from crm_contracts.notifications import NOTICE_CREATED, NoticePii, NoticeState

from crm_notifications.notices import repository
from crm_notifications.notices.rules import notices_of
from crm_notifications.notices.schemas import NoticeOut


def out(row: sa.Row[Any]) -> NoticeOut:
    """The row as the API shows it."""
    return NoticeOut.model_validate(row, from_attributes=True)


async def notify(tx: Transaction, event_type: str, task: TaskState, actor: str, at: datetime) -> None:
    """Everyone the task's fact concerns has one notice of it, however often it is told."""
    lead_id = await repository.lead_of(tx, task.owner_id)
    for notice in notices_of(event_type, task, actor, lead_id):
        row = await repository.add(
            tx,
            {
                "id": new_id(),
                "origin_key": notice.origin_key,
                "user_id": notice.user_id,
                "kind": notice.kind,
                "subject_kind": "task",
                "subject_id": task.id,
                "params": notice.params,
                "created_at": at,
            },
        )
        if row is not None:
            _tell(tx, row)


async def mark_read(tx: Transaction, caller: Principal, id: UUID, at: datetime) -> sa.Row[Any]:
    """The caller's notice is read; the first time counts. NotFound when it is not the caller's to read."""
    if caller.scope("notice", "update") is None:
        raise NotFound
    row = await repository.read(tx, id, caller.id, at)
    if row is None:
        raise NotFound
    return row


async def mark_all_read(tx: Transaction, caller: Principal, at: datetime) -> int:
    """Every notice of the caller is read; returns how many were not before."""
    require(caller, "notice", "update")
    return await repository.read_all(tx, caller.id, at)


def _tell(tx: Transaction, row: sa.Row[Any]) -> None:
    state = NoticeState(
        id=row.id,
        user_id=row.user_id,
        kind=row.kind,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        created_at=row.created_at,
        read_at=row.read_at,
        version=row.version,
        changed=["created_at"],
        pii=NoticePii(params=row.params),
    )
    tx.record(NOTICE_CREATED, subject="notice", id=row.id, sequence=row.version, data=state)
