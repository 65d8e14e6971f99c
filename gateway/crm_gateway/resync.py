"""Users, teams and roles streamed to a copy that starts anew."""

from uuid import UUID

from crm_chassis.database import Transaction
from crm_contracts import gateway as contract

from crm_gateway.roles import repository as roles_stored
from crm_gateway.roles import service as role_service
from crm_gateway.roles.rules import role_id
from crm_gateway.teams import repository as teams_stored
from crm_gateway.teams import service as team_service
from crm_gateway.users import repository as users_stored
from crm_gateway.users import service as user_service

_FIRST = UUID(int=0)


async def users(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """A portion of users as they are now, to one queue."""
    rows = await users_stored.some_after(tx, after or _FIRST)
    for row in rows:
        state = user_service.state(row, [])
        tx.redirect(to_queue, contract.USER_UPDATED, subject="user", id=row.id, sequence=row.version, data=state)
    return rows[-1].id if rows else None


async def teams(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """A portion of teams as they are now, to one queue."""
    rows = await teams_stored.some_after(tx, after or _FIRST)
    for row in rows:
        state = team_service.state(row, [])
        tx.redirect(to_queue, contract.TEAM_CHANGED, subject="team", id=row.id, sequence=row.version, data=state)
    return rows[-1].id if rows else None


async def roles(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """All roles as they are now, to one queue: there are few, so they are one portion."""
    if after is not None:
        return None
    rows = sorted(await roles_stored.every(tx), key=lambda row: role_id(row.name))
    for row in rows:
        state = role_service.state(row, [])
        id = role_id(row.name)
        tx.redirect(to_queue, contract.ROLE_CHANGED, subject="role", id=id, sequence=row.version, data=state)
    return role_id(rows[-1].name) if rows else None
