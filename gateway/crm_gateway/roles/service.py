"""Roles: the built-in ones made once for a new installation, all of them changeable by those who hold as much."""

from collections.abc import Mapping
from datetime import datetime

from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, StaleVersion
from crm_contracts import gateway as contract

from crm_gateway.roles import repository
from crm_gateway.roles.repository import Row
from crm_gateway.roles.rules import ADMIN, BUILT_IN, Grants, beyond, missing_for_admin, read_grants, role_id

# As the principal of the system's own parts is called.
_RESERVED = "system"


def state(row: Row, changed: list[str]) -> contract.RoleState:
    """The role as told to the other services."""
    return contract.RoleState(
        changed=changed, id=role_id(row.name), name=row.name, grants=row.grants, version=row.version
    )


async def bootstrap(tx: Transaction, now: datetime) -> None:
    """The built-in roles exist and every role has been told; one that is there already keeps the grants it has."""
    for name, grants in BUILT_IN.items():
        await repository.add(tx, name, grants)
    for row in await repository.take_untold(tx):
        _tell(tx, row, ["grants", "name"], now)


async def create(tx: Transaction, caller: Principal, name: str, wire: Mapping[str, str], now: datetime) -> Row:
    """A new role. Invalid for a grant that is none, Forbidden for one beyond the caller's, Conflict for the name."""
    grants = _grants(caller, wire)
    if name == _RESERVED or not await repository.add(tx, name, grants):
        raise Conflict("There is a role of this name.", code="name_taken")
    return await _told(tx, name, ["grants", "name"], now)


async def change(
    tx: Transaction, caller: Principal, name: str, version: int, wire: Mapping[str, str], now: datetime
) -> Row:
    """The role with these grants and no others.

    NotFound, StaleVersion, Invalid (a grant that is none), Forbidden (beyond the caller's own, taken or given),
    Conflict when the role of administrators would no longer hold the keys of the house.
    """
    current = await repository.lock(tx, name)
    if current is None:
        raise NotFound
    if current != version:
        raise StaleVersion(current)
    must_hold(caller, (await _now(tx, name)).grants)
    grants = _grants(caller, wire)
    if name == ADMIN and (missing := missing_for_admin(grants)):
        raise Conflict(f"Administrators can not be without {', '.join(missing)}.", code="admin_locked_out")
    await repository.replace(tx, name, grants, now)
    return await _told(tx, name, ["grants"], now)


def must_hold(caller: Principal, grants: Mapping[str, str]) -> None:
    """Forbidden when the grants reach further than the caller's: nobody gives what they do not hold."""
    if caller.role != ADMIN and (more := beyond(grants, caller.grants)):
        raise Forbidden(f"You do not hold {', '.join(more[:5])} yourself.", code="beyond_own_rights")


async def must_hold_role(tx: Transaction, caller: Principal, name: str) -> None:
    """Forbidden when the role, if there is such a one, may do more than the caller."""
    row = await repository.get(tx.connection, name)
    if row is not None:
        must_hold(caller, row.grants)


def _grants(caller: Principal, wire: Mapping[str, str]) -> Grants:
    grants, wrong = read_grants(wire)
    if wrong:
        raise Invalid([FieldError(f"grants.{key[:100]}", code, message) for key, code, message in wrong])
    must_hold(caller, wire)
    return grants


async def _told(tx: Transaction, name: str, changed: list[str], now: datetime) -> Row:
    (row,) = await repository.take_untold(tx, name)
    _tell(tx, row, changed, now)
    return row


def _tell(tx: Transaction, row: Row, changed: list[str], now: datetime) -> None:
    tx.record(
        contract.ROLE_CHANGED,
        subject="role",
        id=role_id(row.name),
        sequence=row.version,
        data=state(row, changed),
        happened_at=now,
    )


async def _now(tx: Transaction, name: str) -> Row:
    row = await repository.get(tx.connection, name)
    assert row is not None
    return row
