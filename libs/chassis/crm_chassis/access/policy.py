"""The ONE policy: (principal, noun, action) becomes a SQL condition on the owner, or an answer in memory.

Every door uses it: list, get, bulk, search, timeline, report, live stream. No grant means no rows, never an error,
so that lists of the rightless are empty and their gets are 404; `require` is for creates and admin routes.
"""

from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from crm_chassis import tables
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.database import Transaction
from crm_chassis.problems import Forbidden

_member = tables.staff_member
_team_of = sa.select(_member.c.id)
_ACTIVE = sa.select(_member.c.team_id).where(_member.c.id == sa.bindparam("id"), _member.c.active)

Whose = Literal["mine", "team", "nobody"]
"""Whose rows a list is narrowed to."""

ANYBODY = UUID(int=2**128 - 1)
"""Stands for the caller's and the team's id in a statement that is built before it is known who asks (prebuilt.py)."""
CALLER, TEAM, TEAM_IDS = "policy_caller", "policy_team", "policy_team_ids"
"""The parameters of such a statement; they have no value of their own, so it can not be run for nobody."""


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
    mine: sa.ColumnElement[bool] = owner == _known(CALLER, caller.id, owner)
    if scope is Scope.OWN:
        return mine
    if scope is Scope.OWN_OR_UNASSIGNED or caller.team_id is None:
        return sa.or_(mine, owner.is_(None))
    return sa.or_(owner.is_(None), _of_team(caller, caller.team_id, owner))


def owned(caller: Principal, whose: Whose, owner: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Condition on `owner`: the caller, anybody of the caller's team, or nobody. It narrows and gives no right."""
    if whose == "nobody":
        return owner.is_(None)
    if whose == "team" and caller.team_id is not None:
        return _of_team(caller, caller.team_id, owner)
    mine: sa.ColumnElement[bool] = owner == caller.id
    return mine


def _of_team(caller: Principal, team_id: UUID, owner: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    if caller.colleagues is None:
        team = _member.c.team_id
        members = owner.in_(_team_of.where(team == _known(TEAM, team_id, team)))
        return sa.or_(owner == _known(CALLER, caller.id, owner), members)
    # Written into the statement: only from the ids themselves can the planner tell a team that owns forty rows, to be
    # fetched by owner, from one that owns half of the table, to be met while walking the list's own index.
    if caller.id is ANYBODY:
        return owner.in_(sa.bindparam(TEAM_IDS, type_=owner.type, expanding=True, literal_execute=True))
    ids = sorted(caller.colleagues | {caller.id})
    return owner.in_(sa.bindparam("team_ids", ids, type_=owner.type, expanding=True, literal_execute=True, unique=True))


def _known(name: str, value: UUID, column: sa.ColumnElement[Any]) -> Any:
    return sa.bindparam(name, type_=column.type) if value is ANYBODY else value


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
    if owner_id == caller.id:
        # Vouched for by the token, even where the copy lags behind a user created seconds ago.
        return admits(caller, noun, action, owner_id)
    row = (await tx.execute(_ACTIVE, {"id": owner_id})).first()
    return row is not None and admits(caller, noun, action, owner_id, row.team_id)
