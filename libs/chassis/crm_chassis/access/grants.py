"""What somebody may do now, as the copies tell it: for work that goes on long after the request that began it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_chassis.access.principal import Principal, Scope
from crm_chassis.removals import gone
from crm_chassis.tables import staff_member, staff_role

RightsNow = Callable[[AsyncConnection, UUID], Awaitable[Principal | None]]

_NOW = (
    sa.select(
        staff_member.c.id, staff_member.c.role, staff_member.c.team_id, staff_member.c.active, staff_role.c.grants
    )
    .join_from(staff_member, staff_role, staff_role.c.name == staff_member.c.role, isouter=True)
    .where(staff_member.c.id == sa.bindparam("user_id"))
)


class NotToldYet(Exception):
    """The copies know nothing of this user or of their role: a moment after they were made that is no refusal."""


async def principal_now(connection: AsyncConnection, user_id: UUID) -> Principal | None:
    """The user with today's role, team and grants; None for one who has left or was removed.

    NotToldYet while the copies lack the user or the role.
    """
    row = (await connection.execute(_NOW, {"user_id": user_id})).one_or_none()
    if row is None and not await gone(connection, "user", [user_id]):
        raise NotToldYet
    if row is None or not row.active:
        return None
    if row.grants is None:
        raise NotToldYet
    grants = {key: Scope(value) for key, value in row.grants.items()}
    return Principal(id=row.id, role=row.role, team_id=row.team_id, grants=grants)
