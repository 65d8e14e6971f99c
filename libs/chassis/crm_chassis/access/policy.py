"""The ONE policy: (principal, noun, action) becomes a SQL condition on the owner, or an answer in memory.

Every door uses it: list, get, bulk, search, timeline, report, live stream. No grant means no rows, never an error,
so that lists of the rightless are empty and their gets are 404; `require` is for creates and admin routes.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_chassis import tables
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.database import Transaction
from crm_chassis.problems import Forbidden

_team_of = sa.select(tables.staff_member.c.id)


def require(caller: Principal, noun: str, action: str) -> Scope:
    """The scope of the caller's grant; Forbidden when there is none."""
    scope = caller.scope(noun, action)
    if scope is None:
        raise Forbidden(f"Your role may not {action} a {noun}.")
    return scope


def visible(
    caller: Principal, noun: str, action: str, owner: sa.ColumnElement[UUID] | sa.ColumnElement[Any]
) -> sa.ColumnElement[bool]:
    """The condition on `owner` under which the caller may `action` a row of `noun`."""
    scope = caller.scope(noun, action)
    if scope is None:
        return sa.false()
    if scope is Scope.ALL:
        return sa.true()
    mine = owner == caller.id
    if scope is Scope.OWN:
        return mine
    if scope is Scope.OWN_OR_UNASSIGNED or caller.team_id is None:
        return sa.or_(mine, owner.is_(None))
    return sa.or_(owner.is_(None), _of_team(caller, caller.team_id, owner))


def _of_team(caller: Principal, team_id: UUID, owner: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    if caller.colleagues is None:
        members = owner.in_(_team_of.where(tables.staff_member.c.team_id == team_id))
        return sa.or_(owner == caller.id, members)
    # Written into the statement: only from the ids themselves can the planner tell a team that owns forty rows, to be
    # fetched by owner, from one that owns half of the table, to be met while walking the list's own index.
    ids = sorted(caller.colleagues | {caller.id})
    return owner.in_(sa.bindparam("team_ids", ids, type_=owner.type, expanding=True, literal_execute=True, unique=True))


def admits(caller: Principal, noun: str, action: str, owner_id: UUID | None, owner_team_id: UUID | None = None) -> bool:
    """The same decision for one row in memory; `owner_team_id` is the owner's team today."""
    scope = caller.scope(noun, action)
    if scope is None:
        return False
    if scope is Scope.ALL or owner_id == caller.id:
        return True
    if scope is Scope.OWN:
        return False
    if owner_id is None:
        return True
    return scope is Scope.TEAM and caller.team_id is not None and owner_team_id == caller.team_id


async def allowed_owner(tx: Transaction, caller: Principal, noun: str, action: str, owner_id: UUID) -> bool:
    """True when `owner_id` is an active colleague to whom the caller's scope lets rows belong."""
    member = tables.staff_member
    query = sa.select(member.c.team_id).where(member.c.id == owner_id, member.c.active)
    row = (await tx.execute(query)).first()
    if row is None:
        # The copy may lag behind a user created seconds ago; oneself is vouched for by the token.
        return owner_id == caller.id and admits(caller, noun, action, owner_id)
    return admits(caller, noun, action, owner_id, row.team_id)
