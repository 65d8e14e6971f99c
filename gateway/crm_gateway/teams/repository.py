"""Statements on teams."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_gateway.teams.models import team

Row = sa.Row[*tuple[Any, ...]]

ORDER = Keyset(("name", team.c.name, "asc"), ("id", team.c.id, "asc"))

LIST = sa.select(team)
_GET = LIST.where(team.c.id == sa.bindparam("team_id"))
_LOCK = _GET.with_for_update()
_LOCK_SHARED = (
    sa.select(team.c.id).where(team.c.id == sa.bindparam("team_id")).with_for_update(key_share=True, read=True)
)
_BY_NAME = sa.select(team.c.id).where(team.c.name == sa.bindparam("name"))
_NAMED = LIST.where(team.c.name.in_(sa.bindparam("names", expanding=True)))
_ADD = insert(team).on_conflict_do_nothing(index_elements=["name"]).returning(team)
_REMOVE = sa.delete(team).where(team.c.id == sa.bindparam("team_id"))
_LED_BY = sa.select(sa.exists().where(team.c.lead_id == sa.bindparam("user_id")))
_STREAM = LIST.where(team.c.id > sa.bindparam("after")).order_by(team.c.id).limit(500)


async def get(connection: AsyncConnection, team_id: UUID) -> Row | None:
    """The team."""
    return (await connection.execute(_GET, {"team_id": team_id})).one_or_none()


async def lock(tx: Transaction, team_id: UUID) -> Row | None:
    """The team, locked until the transaction ends."""
    return (await tx.execute(_LOCK, {"team_id": team_id})).one_or_none()


async def lock_shared(tx: Transaction, team_id: UUID) -> UUID | None:
    """The team's id while it can not go away, or None."""
    found: UUID | None = await tx.scalar(_LOCK_SHARED, {"team_id": team_id})
    return found


async def by_name(tx: Transaction, name: str) -> UUID | None:
    """The id of the team with exactly this name."""
    found: UUID | None = await tx.scalar(_BY_NAME, {"name": name})
    return found


async def named(tx: Transaction, names: set[str]) -> dict[str, Row]:
    """The teams of these names."""
    return {row.name: row for row in await tx.execute(_NAMED, {"names": sorted(names)})}


async def add(tx: Transaction, values: dict[str, Any]) -> Row | None:
    """The new team, or None when the name is taken."""
    return (await tx.execute(_ADD, values)).one_or_none()


async def change(tx: Transaction, team_id: UUID, values: dict[str, Any], now: datetime) -> Row:
    """The team after the change, one version on."""
    statement = (
        sa.update(team)
        .where(team.c.id == team_id)
        .values(**values, version=team.c.version + 1, updated_at=now)
        .returning(team)
    )
    return (await tx.execute(statement)).one()


async def remove(tx: Transaction, team_id: UUID) -> None:
    """There is no such team any more."""
    await tx.execute(_REMOVE, {"team_id": team_id})


async def any_led_by(tx: Transaction, user_id: UUID) -> bool:
    """Whether the user leads a team."""
    return bool(await tx.scalar(_LED_BY, {"user_id": user_id}))


async def some_after(tx: Transaction, after: UUID) -> list[Row]:
    """Up to 500 teams by id, following `after`."""
    return list((await tx.execute(_STREAM, {"after": after})).all())
