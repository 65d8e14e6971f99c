"""The copy of who works here: filled by reader <service>.users, asked by the policy for teams."""

from collections.abc import Sequence
from typing import Any

from crm_contracts import gateway
from crm_contracts.envelope import Envelope
from sqlalchemy.dialects.postgresql import insert

from crm_chassis.database import Transaction
from crm_chassis.decode import newest_per_subject
from crm_chassis.tables import staff_member, staff_team


def _newest_wins(table: Any) -> Any:
    statement = insert(table)
    columns = {column.name: statement.excluded[column.name] for column in table.columns if column.name != "id"}
    return statement.on_conflict_do_update(
        index_elements=[table.c.id], set_=columns, where=table.c.version < statement.excluded.version
    )


_MEMBERS = _newest_wins(staff_member)
_TEAMS = _newest_wins(staff_team)


async def apply_staff(tx: Transaction, events: Sequence[Envelope]) -> None:
    """Users and teams stand as their newest event tells; older ones change nothing."""
    members: list[dict[str, Any]] = []
    teams: list[dict[str, Any]] = []
    for event in newest_per_subject(events):
        if event.type == gateway.TEAM_CHANGED:
            team = gateway.TeamState.model_validate(event.data)
            teams.append(team.model_dump(include={"id", "name", "lead_id", "office"}) | {"version": event.sequence})
        else:
            user = gateway.UserState.model_validate(event.data)
            members.append(
                user.model_dump(include={"id", "team_id", "role", "active", "locale"})
                | {"name": user.pii.name, "email": user.pii.email, "version": event.sequence}
            )
    if teams:
        await tx.execute(_TEAMS, sorted(teams, key=lambda row: str(row["id"])))
    if members:
        await tx.execute(_MEMBERS, sorted(members, key=lambda row: str(row["id"])))
