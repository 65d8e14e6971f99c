"""Statements on roles and grants."""

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import insert

from crm_gateway.roles.models import role, role_grant

ORDER = Keyset(("name", role.c.name, "asc"))


def grants_of(name: sa.ColumnElement[str]) -> sa.ScalarSelect[object]:
    """The grants of a role as one JSON object: noun:action → scope."""
    pairs = sa.func.jsonb_object_agg(role_grant.c.noun + ":" + role_grant.c.action, role_grant.c.scope)
    return sa.select(sa.func.coalesce(pairs, sa.text("'{}'::jsonb"))).where(role_grant.c.role == name).scalar_subquery()


LIST = sa.select(role.c.name, grants_of(role.c.name).label("grants"))
_ADD_ROLE = insert(role).on_conflict_do_nothing().returning(role.c.name)
_ADD_GRANTS = sa.insert(role_grant)
_EXISTS = sa.select(sa.exists().where(role.c.name == sa.bindparam("name")))


async def add_role(tx: Transaction, name: str) -> bool:
    """Whether the role was not there before."""
    return await tx.scalar(_ADD_ROLE, {"name": name}) is not None


async def add_grants(tx: Transaction, rows: list[dict[str, str]]) -> None:
    """The grants exist."""
    await tx.execute(_ADD_GRANTS, rows)


async def exists(tx: Transaction, name: str) -> bool:
    """Whether there is such a role."""
    return bool(await tx.scalar(_EXISTS, {"name": name}))
