"""Users: made, changed, gone. Every change is told to the other services in the same transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.database import Database, Transaction
from crm_chassis.problems import Conflict, FieldError, Invalid, NotFound, StaleVersion
from crm_contracts import gateway as contract
from crm_contracts.base import Removed
from sqlalchemy.exc import IntegrityError

from crm_gateway.passwords import Passwords
from crm_gateway.roles import repository as roles
from crm_gateway.roles.rules import ADMIN
from crm_gateway.sessions import repository as sessions
from crm_gateway.teams import repository as teams
from crm_gateway.users import repository
from crm_gateway.users.repository import Row


def state(row: Row, changed: list[str]) -> contract.UserState:
    """The user as told to the other services."""
    return contract.UserState(
        changed=changed,
        id=row.id,
        role=row.role,
        team_id=row.team_id,
        locale=row.locale,
        active=row.active,
        version=row.version,
        pii=contract.UserPii(name=row.name, email=row.email),
    )


async def create(tx: Transaction, values: dict[str, Any], now: datetime) -> Row:
    """A new active user without a password.

    `values`: email (lower-cased), name, role, team_id, locale. Invalid for an unknown role or team, Conflict for
    an address in use.
    """
    await _check_role_and_team(tx, values)
    row = await repository.add(
        tx,
        {
            **values,
            "active": True,
            "password_is_one_time": False,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        },
    )
    if row is None:
        raise _email_taken()
    tx.record(
        contract.USER_CREATED,
        subject="user",
        id=row.id,
        sequence=row.version,
        data=state(row, sorted(values)),
        happened_at=now,
    )
    return row


async def change(tx: Transaction, user_id: UUID, version: int, values: dict[str, Any], now: datetime) -> Row:
    """The user after a merge patch; setting `active` to false ends all their sessions.

    NotFound, StaleVersion, Invalid (role, team), Conflict (address in use, last administrator). A patch that
    changes nothing makes no version and no event.
    """
    before = await repository.lock(tx, user_id)
    if before is None:
        raise NotFound
    if before.version != version:
        raise StaleVersion(before.version)
    values = {name: value for name, value in values.items() if getattr(before, name) != value}
    if not values:
        return before
    await _check_role_and_team(tx, values)
    after_role, after_active = values.get("role", before.role), values.get("active", before.active)
    was_admin = before.role == ADMIN and before.active
    if was_admin and not (after_role == ADMIN and after_active) and not await repository.other_admins(tx, user_id):
        raise _last_admin()
    try:
        row = await repository.change(tx, user_id, values, now)
    except IntegrityError as error:  # of the values, checked above, only the address must be unique
        raise _email_taken() from error
    left = before.active and not row.active
    if left:
        await sessions.revoke_all(tx, user_id, now)
    tx.record(
        contract.USER_LEFT if left else contract.USER_UPDATED,
        subject="user",
        id=row.id,
        sequence=row.version,
        data=state(row, sorted(values)),
        happened_at=now,
    )
    return row


async def set_locale(tx: Transaction, user_id: UUID, locale: str, now: datetime) -> None:
    """The user is written to in this language; no version is asked for, as it is theirs alone to choose."""
    row = await repository.lock(tx, user_id)
    if row is None:
        raise NotFound
    await change(tx, user_id, row.version, {"locale": locale}, now)


async def remove(tx: Transaction, user_id: UUID, version: int, now: datetime) -> None:
    """There is no such user any more, here and in every copy.

    NotFound, StaleVersion, Conflict for one who has ever signed in or leads a team (they leave instead) and for the
    last administrator.
    """
    before = await repository.lock(tx, user_id)
    if before is None:
        raise NotFound
    if before.version != version:
        raise StaleVersion(before.version)
    if before.signed_in_at is not None or await sessions.any_of(tx, user_id) or await teams.any_led_by(tx, user_id):
        raise Conflict("Who has worked here or leads a team leaves instead.", code="user_in_use")
    if before.role == ADMIN and before.active and not await repository.other_admins(tx, user_id):
        raise _last_admin()
    await repository.remove(tx, user_id)
    tx.record(
        contract.USER_REMOVED,
        subject="user",
        id=user_id,
        sequence=version + 1,
        data=Removed(id=user_id, owner_id=user_id, version=version + 1),
        happened_at=now,
    )


async def make_one_time_password(tx: Transaction, passwords: Passwords, user_id: UUID, now: datetime) -> str:
    """A fresh password the user must change after signing in; their sessions end."""
    if await repository.lock(tx, user_id) is None:
        raise NotFound
    password = passwords.invent()
    await repository.set_password(tx, user_id, await passwords.hash(password), one_time=True, now=now)
    await sessions.revoke_all(tx, user_id, now)
    return password


async def own_password(
    database: Database, passwords: Passwords, user_id: UUID, current: str, new: str
) -> tuple[str, str]:
    """The hash that is kept now and the one to keep. Invalid when `current` is wrong or the same as `new`.

    Holds no connection while passwords are hashed.
    """
    async with database.read() as connection:
        kept = await repository.password_hash(connection, user_id)
    if not await passwords.verify(current, kept) or kept is None:
        raise Invalid([FieldError("current_password", "wrong_password", "This is not your current password")])
    if new == current:
        raise Invalid([FieldError("new_password", "same_password", "Choose another password than the current one")])
    return kept, await passwords.hash(new)


async def set_own_password(
    tx: Transaction, user_id: UUID, session_id: UUID, before: str, after: str, now: datetime
) -> None:
    """The user signs in with the password of the hash `after`; their other sessions end.

    Conflict when the password is no longer the one of `before`.
    """
    row = await repository.lock(tx, user_id)
    if row is None or row.password_hash != before:
        raise Conflict("The password was changed meanwhile.", code="password_changed")
    await repository.set_password(tx, user_id, after, one_time=False, now=now)
    await sessions.revoke_all(tx, user_id, now, but=session_id)


async def _check_role_and_team(tx: Transaction, values: dict[str, Any]) -> None:
    errors: list[FieldError] = []
    if "role" in values and not await roles.exists(tx, values["role"]):
        errors.append(FieldError("role", "unknown_role", "There is no such role"))
    if values.get("team_id") and await teams.lock_shared(tx, values["team_id"]) is None:
        errors.append(FieldError("team_id", "unknown_team", "There is no such team"))
    if errors:
        raise Invalid(errors)


def _last_admin() -> Conflict:
    return Conflict("Somebody must be able to administer users.", code="last_admin")


def _email_taken() -> Conflict:
    return Conflict("Another user has this e-mail address.", code="email_taken")
