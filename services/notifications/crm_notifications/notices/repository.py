"""Statements on notices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.filters import Filters
from crm_chassis.paging import Keyset
from crm_chassis.tables import staff_member, staff_team
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_notifications.notices.models import notice
from crm_notifications.notices.schemas import NoticeQuery

ORDER = Keyset(("created_at", notice.c.created_at, "desc"), ("id", notice.c.id, "desc"))
FILTERS = Filters({"unread": lambda unread: notice.c.read_at.is_(None) if unread else notice.c.read_at.is_not(None)})

_ADD = insert(notice).on_conflict_do_nothing(index_elements=["origin_key"]).returning(*notice.c)
_LEAD_OF = (
    sa.select(staff_team.c.lead_id)
    .join(staff_member, staff_member.c.team_id == staff_team.c.id)
    .where(staff_member.c.id == sa.bindparam("id"))
)
_READ = (
    sa.update(notice)
    .where(notice.c.id == sa.bindparam("p_id"), notice.c.user_id == sa.bindparam("p_user"))
    .values(read_at=sa.func.coalesce(notice.c.read_at, sa.bindparam("p_at", type_=sa.DateTime(timezone=True))))
    .returning(*notice.c)
)
_READ_ALL = (
    sa.update(notice)
    .where(notice.c.user_id == sa.bindparam("p_user"), notice.c.read_at.is_(None))
    .values(read_at=sa.bindparam("p_at", type_=sa.DateTime(timezone=True)))
)


async def add(tx: Transaction, row: Mapping[str, Any]) -> sa.Row[Any] | None:
    """The new notice; None when its origin made one before."""
    return (await tx.execute(_ADD, row)).first()


async def lead_of(tx: Transaction, user_id: UUID) -> UUID | None:
    """Who leads the user's team, None without a team, a lead or a copy of the user."""
    lead: UUID | None = await tx.scalar(_LEAD_OF, {"id": user_id})
    return lead


async def page(
    connection: AsyncConnection, user_id: UUID, query: NoticeQuery
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of the user's notices, newest first."""
    statement = FILTERS.apply(sa.select(notice).where(notice.c.user_id == user_id), query)
    statement = ORDER.apply(statement, query.cursor, query.limit)
    return ORDER.page((await connection.execute(statement)).all(), query.limit)


async def read(tx: Transaction, id: UUID, user_id: UUID, at: datetime) -> sa.Row[Any] | None:
    """The user's notice, read now unless it was before; None when it is not theirs."""
    return (await tx.execute(_READ, {"p_id": id, "p_user": user_id, "p_at": at})).first()


async def read_all(tx: Transaction, user_id: UUID, at: datetime) -> int:
    """How many of the user's notices became read."""
    return (await tx.execute(_READ_ALL, {"p_user": user_id, "p_at": at})).rowcount
