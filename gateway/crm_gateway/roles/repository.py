"""Statements on roles and grants."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_gateway.roles.models import role, role_grant
from crm_gateway.roles.rules import Grants

Row = sa.Row[*tuple[Any, ...]]

ORDER = Keyset(("name", role.c.name, "asc"))


def grants_of(name: sa.ColumnElement[str]) -> sa.ScalarSelect[object]:
    """The grants of a role as one JSON object: noun:action → scope."""
    pairs = sa.func.jsonb_object_agg(role_grant.c.noun + ":" + role_grant.c.action, role_grant.c.scope)
    return sa.select(sa.func.coalesce(pairs, sa.text("'{}'::jsonb"))).where(role_grant.c.role == name).scalar_subquery()


LIST = sa.select(role.c.name, role.c.version, grants_of(role.c.name).label("grants"))
_GET = LIST.where(role.c.name == sa.bindparam("name"))
_LOCK = sa.select(role.c.version).where(role.c.name == sa.bindparam("name")).with_for_update()
_ADD_ROLE = insert(role).on_conflict_do_nothing().returning(role.c.name)
_ADD_GRANTS = sa.insert(role_grant)
_DROP_GRANTS = sa.delete(role_grant).where(role_grant.c.role == sa.bindparam("of_role"))
_BUMP = (
    sa.update(role)
    .where(role.c.name == sa.bindparam("of_role"))
    .values(version=role.c.version + 1, updated_at=sa.bindparam("now"))
)
_TAKE_UNTOLD = (
    sa.update(role)
    .where(role.c.told_version < role.c.version)
    .values(told_version=role.c.version)
    .returning(role.c.name, role.c.version, grants_of(role.c.name).label("grants"))
)
_TAKE_ONE_UNTOLD = _TAKE_UNTOLD.where(role.c.name == sa.bindparam("of_role"))
_EXISTS = sa.select(sa.exists().where(role.c.name == sa.bindparam("name")))
_CHANGED = sa.select(role.c.name, role.c.version).where(role.c.updated_at > sa.bindparam("since"))


async def get(connection: AsyncConnection, name: str) -> Row | None:
    """The role with its version and grants."""
    return (await connection.execute(_GET, {"name": name})).one_or_none()


async def every(tx: Transaction) -> list[Row]:
    """All the roles there are."""
    return list((await tx.execute(LIST)).all())


async def lock(tx: Transaction, name: str) -> int | None:
    """The role's version, None when there is none; it changes for nobody else until the transaction ends."""
    version: int | None = await tx.scalar(_LOCK, {"name": name})
    return version


async def add(tx: Transaction, name: str, grants: Grants) -> bool:
    """Whether the role was not there before; if so it is now, with these grants."""
    if await tx.scalar(_ADD_ROLE, {"name": name}) is None:
        return False
    await _add_grants(tx, name, grants)
    return True


async def replace(tx: Transaction, name: str, grants: Grants, now: datetime) -> None:
    """The role has these grants and no others, one version on."""
    await tx.execute(_DROP_GRANTS, {"of_role": name})
    await _add_grants(tx, name, grants)
    await tx.execute(_BUMP, {"of_role": name, "now": now})


async def take_untold(tx: Transaction, name: str | None = None) -> list[Row]:
    """The roles (or the one) whose newest version was not told yet; they count as told once this commits."""
    if name is None:
        return list((await tx.execute(_TAKE_UNTOLD)).all())
    return list((await tx.execute(_TAKE_ONE_UNTOLD, {"of_role": name})).all())


async def exists(tx: Transaction, name: str) -> bool:
    """Whether there is such a role."""
    return bool(await tx.scalar(_EXISTS, {"name": name}))


async def changed_since(connection: AsyncConnection, since: datetime) -> list[Row]:
    """Name and version of the roles changed after `since`."""
    return list((await connection.execute(_CHANGED, {"since": since})).all())


async def _add_grants(tx: Transaction, name: str, grants: Grants) -> None:
    rows = [{"role": name, "noun": noun, "action": action, "scope": scope} for (noun, action), scope in grants.items()]
    if rows:
        await tx.execute(_ADD_GRANTS, rows)
