"""Statements on what came from a PBX."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.arrivals.models import pbx_refusal
from crm_telephony.connections.models import pbx_connection
from crm_telephony.hooks.models import call_event_raw as raw

Row = sa.Row[*tuple[Any, ...]]


def _one(name: str, *order: sa.ColumnElement[Any]) -> sa.FromClause:
    """The webhook of a connection that comes first in this order; by the index, however many there are."""
    return (
        sa.select(raw.c.arrived_at, raw.c.path, raw.c.body)
        .where(raw.c.connection_id == pbx_connection.c.id)
        .order_by(*order)
        .limit(1)
        .lateral(name)
    )


_FIRST = _one("first", raw.c.arrived_at, raw.c.id)
_LAST = _one("last", raw.c.arrived_at.desc(), raw.c.id.desc())
_TAKEN = (
    sa.select(
        pbx_connection.c.id,
        pbx_connection.c.vendor,
        _FIRST.c.arrived_at.label("first_at"),
        _FIRST.c.path.label("first_path"),
        _FIRST.c.body.label("first_body"),
        _LAST.c.arrived_at.label("last_at"),
        _LAST.c.path.label("last_path"),
        _LAST.c.body.label("last_body"),
    )
    .select_from(pbx_connection.join(_FIRST, sa.true()).join(_LAST, sa.true()))
    .where(pbx_connection.c.id.in_(sa.bindparam("ids", expanding=True)))
)
_REFUSED = (
    sa.select(pbx_refusal)
    .where(pbx_refusal.c.connection_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(pbx_refusal.c.last_at.desc(), pbx_refusal.c.reason)
)
_insert = insert(pbx_refusal)
_COUNT = _insert.on_conflict_do_update(
    index_elements=["connection_id", "reason"],
    set_={
        "count": pbx_refusal.c.count + 1,
        "last_at": sa.func.greatest(pbx_refusal.c.last_at, _insert.excluded.last_at),
    },
)


async def taken(connection: AsyncConnection, ids: Sequence[UUID]) -> Sequence[Row]:
    """The first and the last webhook of each connection that has had one."""
    return (await connection.execute(_TAKEN, {"ids": list(ids)})).all()


async def refused(connection: AsyncConnection, ids: Sequence[UUID]) -> Sequence[Row]:
    """What was refused of these connections, the latest reason first."""
    return (await connection.execute(_REFUSED, {"ids": list(ids)})).all()


async def count(tx: Transaction, connection_id: UUID, reason: str, at: datetime) -> None:
    """One more webhook was refused for this reason."""
    await tx.execute(_COUNT, {"connection_id": connection_id, "reason": reason, "count": 1, "last_at": at})
