"""The copy of who works here, filled by reader <service>.users: for the policy (teams) and for jobs (rights)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from crm_contracts import gateway
from crm_contracts.envelope import Envelope
from sqlalchemy.dialects.postgresql import insert

from crm_chassis.database import Transaction
from crm_chassis.decode import newest_per_subject
from crm_chassis.removals import take_removals
from crm_chassis.tables import staff_member, staff_role, staff_team

_USER = (gateway.USER_CREATED, gateway.USER_UPDATED, gateway.USER_LEFT, gateway.USER_REMOVED)
_TEAM = (gateway.TEAM_CHANGED, gateway.TEAM_REMOVED)


def _newest_wins(table: Any) -> Any:
    statement = insert(table)
    columns = {column.name: statement.excluded[column.name] for column in table.columns if column.name != "id"}
    return statement.on_conflict_do_update(
        index_elements=[table.c.id], set_=columns, where=table.c.version < statement.excluded.version
    )


def _dropped(table: Any) -> Any:
    return sa.delete(table).where(table.c.id.in_(sa.bindparam("ids", expanding=True)))


_MEMBERS, _DROP_MEMBERS = _newest_wins(staff_member), _dropped(staff_member)
_TEAMS, _DROP_TEAMS = _newest_wins(staff_team), _dropped(staff_team)
_ROLES = _newest_wins(staff_role)


async def apply_staff(tx: Transaction, events: Sequence[Envelope]) -> None:
    """Users, teams and roles stand as their newest event tells, whatever the order; removed ones are not there.

    ValueError for a type told by a later version: it climbs the ladder until a process of that version takes it.
    """
    if unknown := {event.type for event in events} - {*_USER, *_TEAM, gateway.ROLE_CHANGED}:
        raise ValueError(f"not about the staff: {', '.join(sorted(unknown))}")
    users = [event for event in events if event.type in _USER]
    ended, living = await take_removals(tx, "user", gateway.USER_REMOVED, users)
    if ended:
        await tx.execute(_DROP_MEMBERS, {"ids": sorted(ended)})
    await _keep(tx, _MEMBERS, [_member(event) for event in newest_per_subject(living)])

    teams = [event for event in events if event.type in _TEAM]
    ended, living = await take_removals(tx, "team", gateway.TEAM_REMOVED, teams)
    if ended:
        await tx.execute(_DROP_TEAMS, {"ids": sorted(ended)})
    await _keep(tx, _TEAMS, [_team(event) for event in newest_per_subject(living)])

    roles = [event for event in events if event.type == gateway.ROLE_CHANGED]
    await _keep(tx, _ROLES, [_role(event) for event in newest_per_subject(roles)])


async def _keep(tx: Transaction, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        await tx.execute(statement, sorted(rows, key=lambda row: str(row["id"])))


def _member(event: Envelope) -> dict[str, Any]:
    user = gateway.UserState.model_validate(event.data)
    return user.model_dump(include={"id", "team_id", "role", "active", "locale"}) | {
        "name": user.pii.name,
        "email": user.pii.email,
        "version": event.sequence,
    }


def _team(event: Envelope) -> dict[str, Any]:
    team = gateway.TeamState.model_validate(event.data)
    return team.model_dump(include={"id", "name", "lead_id", "office"}) | {"version": event.sequence}


def _role(event: Envelope) -> dict[str, Any]:
    role = gateway.RoleState.model_validate(event.data)
    return role.model_dump(include={"id", "name", "grants"}) | {"version": event.sequence}
