"""Statements of tasks."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.filters import Filters, at_least, before, equals
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.tasks.models import task
from crm_deals.tasks.schemas import TaskQuery

_order = Keyset(("due_at", task.c.due_at, "asc"), ("id", task.c.id, "asc"))
_filters = Filters(
    {
        "owner_id": equals(task.c.owner_id),
        "status": equals(task.c.status),
        "kind": equals(task.c.kind),
        "due_from": at_least(task.c.due_at),
        "due_before": before(task.c.due_at),
        "completed_from": at_least(task.c.completed_at),
        "deal_id": equals(task.c.deal_id),
    }
)
_by_id: sa.Select[Any] = sa.select(*task.c).where(task.c.id == sa.bindparam("id"))
_lock = _by_id.with_for_update()
_lock_at_once = _by_id.with_for_update(nowait=True)
_call_backs: sa.Select[Any] = (
    sa.select(*task.c)
    .where(
        sa.or_(
            task.c.origin_key.in_(sa.bindparam("keys", expanding=True)),
            sa.and_(task.c.phone == sa.bindparam("phone"), task.c.kind == "callback", task.c.status == "open"),
        )
    )
    .order_by(task.c.created_at, task.c.id)
    .with_for_update()
)
_open_callback = sa.select(task.c.id).where(
    task.c.phone == sa.bindparam("phone"), task.c.kind == "callback", task.c.status == "open"
)

_add = sa.insert(task).returning(*task.c)
_change = sa.update(task).where(task.c.id == sa.bindparam("p_id")).values(version=task.c.version + 1).returning(*task.c)
_let_go = (
    sa.update(task)
    .where(task.c.deal_id == sa.any_(sa.bindparam("deal_ids", type_=ARRAY(sa.Uuid))))
    .values(deal_id=None, version=task.c.version + 1)
    .returning(*task.c)
)


async def listed(
    connection: AsyncConnection, caller: Principal, query: TaskQuery, person_ids: list[UUID]
) -> tuple[list[sa.Row[Any]], str | None]:
    """A page of the tasks the caller may read; `person_ids` are all ids of the person asked for, if one is."""
    statement: sa.Select[Any] = sa.select(*task.c).where(visible(caller, "task", "read", task.c.owner_id))
    statement = _filters.apply(statement, query)
    if person_ids:
        statement = statement.where(task.c.person_id.in_(person_ids))
    rows = (await connection.execute(_order.apply(statement, query.cursor, query.limit))).all()
    page, next_cursor = _order.page(rows, query.limit)
    return list(page), next_cursor


async def read(connection: AsyncConnection, caller: Principal, id: UUID) -> sa.Row[Any] | None:
    """The task, when the caller may read it."""
    statement = _by_id.where(visible(caller, "task", "read", task.c.owner_id))
    row: sa.Row[Any] | None = (await connection.execute(statement, {"id": id})).first()
    return row


async def locked_at_once(tx: Transaction, id: UUID) -> sa.Row[Any] | None:
    """The task under its row lock; an error that waiting cures when somebody else holds it."""
    return (await tx.execute(_lock_at_once, {"id": id})).first()


async def locked_for(tx: Transaction, caller: Principal, id: UUID) -> sa.Row[Any] | None:
    """The task under its row lock when the caller may read it; `changeable` tells whether they may update it."""
    changeable = visible(caller, "task", "update", task.c.owner_id).label("changeable")
    statement = _lock.add_columns(changeable).where(visible(caller, "task", "read", task.c.owner_id))
    return (await tx.execute(statement, {"id": id})).first()


async def call_backs_of(tx: Transaction, phone: str, keys: list[str]) -> list[sa.Row[Any]]:
    """The open call-back of a number and those made under the origin keys, row-locked, oldest first."""
    return list((await tx.execute(_call_backs, {"phone": phone, "keys": keys})).all())


async def has_open_callback(tx: Transaction, phone: str) -> bool:
    """True when somebody is to be called back at this number."""
    return await tx.scalar(_open_callback, {"phone": phone}) is not None


async def let_go(tx: Transaction, deal_ids: Sequence[UUID]) -> list[sa.Row[Any]]:
    """The tasks that were of these deals, now of none, in their next version."""
    return list((await tx.execute(_let_go, {"deal_ids": list(deal_ids)})).all())


async def add(tx: Transaction, values: dict[str, Any]) -> sa.Row[Any]:
    """The task is stored."""
    return (await tx.execute(_add, values)).one()


async def change(tx: Transaction, id: UUID, values: dict[str, Any]) -> sa.Row[Any]:
    """The task with these values and the next version."""
    return (await tx.execute(_change, values | {"p_id": id})).one()
