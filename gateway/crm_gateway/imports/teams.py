"""Teams from a file: known by their name; what a row does not say stays as it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.access.policy import admits, require
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.imports.kinds import Finding, Judged, Row, Run, Undone, Written
from crm_chassis.problems import Forbidden
from pydantic import BaseModel, ConfigDict

from crm_gateway.imports import columns, staff
from crm_gateway.teams import repository, service
from crm_gateway.teams.repository import Row as Stored
from crm_gateway.teams.schemas import TeamCreate
from crm_gateway.users import repository as users


class TeamOptions(BaseModel):
    """Nothing is said of a whole file of teams."""

    model_config = ConfigDict(extra="forbid")


class Teams:
    """The kind `teams`."""

    name = "teams"
    fields = columns.TEAM
    options = TeamOptions

    def require(self, caller: Principal) -> None:
        """Forbidden without the right to make teams."""
        require(caller, "team", "create")

    async def judge(self, run: Run, rows: Sequence[Row]) -> list[Judged]:
        """A team of the name is updated where the row says otherwise, else made."""
        stored = await repository.named(run.tx, {row.values["name"] for row in rows if "name" in row.values})
        leads = {row.values["lead"] for row in rows if "lead" in row.values}
        colleagues = await users.known(run.tx, emails={lead.lower() for lead in leads}, names=leads)
        return [self._judged(run.caller, row, stored, colleagues) for row in rows]

    def _judged(self, caller: Principal, row: Row, stored: dict[str, Stored], colleagues: list[Stored]) -> Judged:
        said: dict[str, Any] = {name: row.values[name] for name in ("name", "office") if name in row.values}
        doubts: tuple[Finding, ...] = ()
        if lead := row.values.get("lead"):
            found = [each for each in colleagues if each.active and lead in (each.email, each.name)]
            found = found or [each for each in colleagues if each.active and each.email == lead.lower()]
            if len(found) == 1:
                said["lead_id"] = found[0].id
            else:
                message = "Nobody here is called so, or more than one."
                doubts = (Finding("doubt", "ambiguous_user" if found else "unknown_user", message, "lead"),)
        values, errors = staff.read(TeamCreate, said)
        if errors:
            return Judged(row, "error", errors)
        team, keys = stored.get(values["name"]), (f"name:{values['name']}",)
        if team is None:
            return Judged(row, "create", doubts, keys, (None, values))
        if not admits(caller, "team", "read", team.lead_id, team.id):
            return Judged(row, "error", (Finding("error", "name_taken", "Another team has this name."),))
        changed = staff.differences(team, {name: values[name] for name in said})
        if not changed:
            return Judged(row, "same", doubts, keys)
        if not admits(caller, "team", "update", team.lead_id, team.id):
            return Judged(row, "error", (Finding("error", "forbidden", "Your role may not update a team."),))
        return Judged(row, "update", doubts, keys, (team, changed))

    async def write(self, run: Run, rows: Sequence[Judged]) -> list[Written]:
        """The teams are made and changed as by the API."""
        return await staff.write(run, rows, service.create, service.change)

    async def undo(self, run: Run, rows: Sequence[Written]) -> list[Undone]:
        """Teams the file made are gone, unless somebody is in them; the others are as before."""

        async def change(tx: Transaction, id: UUID, version: int, values: dict[str, Any], at: datetime) -> Stored:
            team = await repository.get(tx.connection, id)
            if team is not None and not admits(run.caller, "team", "update", team.lead_id, team.id):
                raise Forbidden("Your role may not update a team.")
            return await service.change(tx, id, version, values, at)

        return await staff.undo(run, rows, frozenset({"lead_id"}), change, service.remove)
