"""Teams: made and changed; membership is told by the users' own events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.database import Transaction
from crm_chassis.problems import Conflict, FieldError, Invalid, NotFound, StaleVersion
from crm_contracts import gateway as contract
from crm_contracts.base import Removed
from sqlalchemy.exc import IntegrityError

from crm_gateway.teams import repository
from crm_gateway.teams.repository import Row
from crm_gateway.users import repository as users


def state(row: Row, changed: list[str]) -> contract.TeamState:
    """The team as told to the other services."""
    return contract.TeamState(
        changed=changed, id=row.id, name=row.name, lead_id=row.lead_id, office=row.office, version=row.version
    )


async def create(tx: Transaction, values: dict[str, Any], now: datetime) -> Row:
    """A new team. `values`: name, lead_id, office. Invalid for an unknown lead, Conflict for a name in use."""
    await _check_lead(tx, values)
    row = await repository.add(tx, {**values, "created_at": now, "updated_at": now, "version": 1})
    if row is None:
        raise _name_taken()
    _tell(tx, row, sorted(values), now)
    return row


async def change(tx: Transaction, team_id: UUID, version: int, values: dict[str, Any], now: datetime) -> Row:
    """The team after a merge patch. NotFound, StaleVersion, Invalid (lead), Conflict (name in use)."""
    before = await repository.lock(tx, team_id)
    if before is None:
        raise NotFound
    if before.version != version:
        raise StaleVersion(before.version)
    values = {name: value for name, value in values.items() if getattr(before, name) != value}
    if not values:
        return before
    await _check_lead(tx, values)
    try:
        row = await repository.change(tx, team_id, values, now)
    except IntegrityError as error:  # of the values, checked above, only the name must be unique
        raise _name_taken() from error
    _tell(tx, row, sorted(values), now)
    return row


async def remove(tx: Transaction, team_id: UUID, version: int, now: datetime) -> None:
    """There is no such team any more, here and in every copy. NotFound, StaleVersion, Conflict while it has members."""
    before = await repository.lock(tx, team_id)
    if before is None:
        raise NotFound
    if before.version != version:
        raise StaleVersion(before.version)
    if await users.any_in_team(tx, team_id):
        raise Conflict("Somebody is in this team, even if they left since.", code="team_in_use")
    await repository.remove(tx, team_id)
    tx.record(
        contract.TEAM_REMOVED,
        subject="team",
        id=team_id,
        sequence=version + 1,
        data=Removed(id=team_id, owner_id=before.lead_id, version=version + 1),
        happened_at=now,
    )


def _tell(tx: Transaction, row: Row, changed: list[str], now: datetime) -> None:
    tx.record(
        contract.TEAM_CHANGED,
        subject="team",
        id=row.id,
        sequence=row.version,
        data=state(row, changed),
        happened_at=now,
    )


async def _check_lead(tx: Transaction, values: dict[str, Any]) -> None:
    if values.get("lead_id") and not await users.is_active(tx, values["lead_id"]):
        raise Invalid([FieldError("lead_id", "unknown_user", "There is no such user, or they have left")])


def _name_taken() -> Conflict:
    return Conflict("Another team has this name.", code="name_taken")
