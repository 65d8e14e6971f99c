"""Who may change whom: the same for a request and for a row of a file."""

from typing import Any
from uuid import UUID

from crm_chassis.access.policy import admits
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.database import Transaction
from crm_chassis.problems import Forbidden, NotFound

from crm_gateway.roles.rules import ADMIN
from crm_gateway.roles.service import must_hold_role
from crm_gateway.users import repository


async def changeable(tx: Transaction, caller: Principal, user_id: UUID, action: str) -> None:
    """NotFound for a colleague the caller may not see, Forbidden for one they may not `action`."""
    row = await repository.get(tx.connection, user_id)
    if row is None or not admits(caller, "user", "read", row.id, row.team_id):
        raise NotFound
    if not admits(caller, "user", action, row.id, row.team_id):
        raise Forbidden("Only an administrator changes users.")
    if user_id != caller.id:  # else a new address or password would open what one does not hold
        await must_hold_role(tx, caller, row.role)


async def placeable(tx: Transaction, caller: Principal, user_id: UUID, values: dict[str, Any]) -> None:
    """Forbidden to give what one does not hold, or oneself a role or a team; administrators hold everything."""
    if caller.role == ADMIN or not {"role", "team_id"} & values.keys():
        return
    if user_id == caller.id or caller.scope("user", "update") is not Scope.ALL:
        raise Forbidden("A role and a team are given by somebody who may change all users, and not by oneself.")
    if "role" in values:
        await must_hold_role(tx, caller, values["role"])
