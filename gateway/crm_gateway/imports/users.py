"""Users from a file: known by their address; what a row does not say stays as it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.access.policy import admits, require
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.imports.kinds import Finding, Judged, Row, Run, Undone, Written
from crm_chassis.problems import Problem
from crm_chassis.text import Line
from pydantic import BaseModel, ConfigDict

from crm_gateway.imports import columns, staff
from crm_gateway.roles import repository as roles
from crm_gateway.roles.service import must_hold
from crm_gateway.teams import repository as teams
from crm_gateway.teams.repository import Row as Stored
from crm_gateway.users import repository, service
from crm_gateway.users.rights import changeable, placeable
from crm_gateway.users.schemas import UserCreate


class UserOptions(BaseModel):
    """`role` has who is new and whose row names none."""

    model_config = ConfigDict(extra="forbid")

    role: Line = "salesperson"


class Users:
    """The kind `users`. Who is new has no password yet."""

    name = "users"
    fields = columns.USER
    options = UserOptions

    def require(self, caller: Principal) -> None:
        """Forbidden without the right to make users."""
        require(caller, "user", "create")

    async def judge(self, run: Run, rows: Sequence[Row]) -> list[Judged]:
        """A user of the address is updated where the row says otherwise, else made."""
        emails = {row.values["email"].lower() for row in rows if "email" in row.values}
        stored = {each.email: each for each in await repository.known(run.tx, emails=emails, names=set())}
        named = await teams.named(run.tx, {row.values["team"] for row in rows if "team" in row.values})
        grants = {each.name: each.grants for each in await roles.every(run.tx)}
        return [await self._judged(run, row, stored, named, grants) for row in rows]

    async def _judged(
        self,
        run: Run,
        row: Row,
        stored: Mapping[str, Stored],
        named: Mapping[str, Stored],
        grants: Mapping[str, Mapping[str, str]],
    ) -> Judged:
        said: dict[str, Any] = {name: value for name, value in row.values.items() if name != "team"}
        doubts: tuple[Finding, ...] = ()
        if team := row.values.get("team"):
            if team in named:
                said["team_id"] = named[team].id
            else:
                doubts = (Finding("doubt", "unknown_team", f"There is no team {team}.", "team"),)
        values, errors = staff.read(UserCreate, {"role": run.options.role, **said})
        if errors:
            return Judged(row, "error", errors)
        if values["role"] not in grants:
            return Judged(row, "error", (Finding("error", "unknown_role", "There is no such role.", "role"),))
        user, keys = stored.get(values["email"]), (f"email:{values['email']}",)
        if user is not None and not admits(run.caller, "user", "read", user.id, user.team_id):
            message = "Another user has this e-mail address."
            return Judged(row, "error", (Finding("error", "email_taken", message, "email"),))
        changed = staff.differences(user, {name: values[name] for name in said}) if user else values
        if not changed:
            return Judged(row, "same", doubts, keys)
        try:
            if user is None:
                must_hold(run.caller, grants[values["role"]])
            else:
                await changeable(run.tx, run.caller, user.id, "update")
                await placeable(run.tx, run.caller, user.id, changed)
        except Problem as problem:
            return Judged(row, "error", (staff.refused(problem),))
        return Judged(row, "create" if user is None else "update", doubts, keys, (user, changed))

    async def write(self, run: Run, rows: Sequence[Judged]) -> list[Written]:
        """The users are made and changed as by the API."""
        return await staff.write(run, rows, service.create, service.change)

    async def undo(self, run: Run, rows: Sequence[Written]) -> list[Undone]:
        """Users the file made are gone, unless they have signed in since; the others are as before.

        Nobody gets back a role that who takes the file back does not hold.
        """

        async def change(tx: Transaction, id: UUID, version: int, values: dict[str, Any], at: datetime) -> Stored:
            await changeable(tx, run.caller, id, "update")
            await placeable(tx, run.caller, id, values)
            return await service.change(tx, id, version, values, at)

        return await staff.undo(run, rows, frozenset({"team_id"}), change, service.remove)
