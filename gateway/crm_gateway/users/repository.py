"""Statements on users."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_gateway.roles.repository import grants_of
from crm_gateway.roles.rules import ADMIN
from crm_gateway.users.models import user_account

Row = sa.Row[*tuple[Any, ...]]

ORDER = Keyset(("name", user_account.c.name, "asc"), ("id", user_account.c.id, "asc"))

_SIGN_IN = ("password_hash", "password_is_one_time", "signed_in_at")
_PUBLIC = [column for column in user_account.c if column.name not in _SIGN_IN]
LIST = sa.select(*_PUBLIC)
_GET = LIST.where(user_account.c.id == sa.bindparam("user_id"))
_LOCK = sa.select(user_account).where(user_account.c.id == sa.bindparam("user_id")).with_for_update()
_BY_EMAIL = sa.select(
    user_account.c.id,
    user_account.c.active,
    user_account.c.password_hash,
).where(user_account.c.email == sa.bindparam("email"))
_PASSWORD_HASH = sa.select(user_account.c.password_hash).where(
    user_account.c.id == sa.bindparam("user_id"), user_account.c.active
)
_ADD = insert(user_account).on_conflict_do_nothing(index_elements=["email"]).returning(*_PUBLIC)
_OTHER_ADMINS = sa.select(
    sa.exists().where(user_account.c.role == ADMIN, user_account.c.active, user_account.c.id != sa.bindparam("user_id"))
)
_ONE_AT_A_TIME = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("gateway.last-admin")))
_ACTIVE = (
    sa.select(user_account.c.id)
    .where(user_account.c.id == sa.bindparam("user_id"), user_account.c.active)
    .with_for_update(key_share=True, read=True)
)
_REMOVE = sa.delete(user_account).where(user_account.c.id == sa.bindparam("user_id"))
_IN_TEAM = sa.select(sa.exists().where(user_account.c.team_id == sa.bindparam("team_id")))
_TOUCHED = (
    sa.update(user_account)
    .where(
        user_account.c.id == sa.bindparam("of_user"),
        user_account.c.active,
        user_account.c.password_hash == sa.bindparam("with_hash"),
    )
    .values(
        signed_in_at=sa.func.coalesce(user_account.c.signed_in_at, sa.bindparam("now")),
        last_signed_in_at=sa.bindparam("now"),
    )
    .returning(user_account.c.id)
)
_TEAMS_OF_ALL = sa.select(user_account.c.id, user_account.c.team_id, user_account.c.version)
_CHANGED = _TEAMS_OF_ALL.where(user_account.c.updated_at > sa.bindparam("since"))
_STREAM = sa.select(*_PUBLIC).where(user_account.c.id > sa.bindparam("after")).order_by(user_account.c.id).limit(500)


_KNOWN = LIST.where(
    sa.or_(
        user_account.c.email.in_(sa.bindparam("emails", expanding=True)),
        user_account.c.name.in_(sa.bindparam("names", expanding=True)),
    )
)
_RIGHTS = sa.select(
    user_account.c.id,
    user_account.c.role,
    user_account.c.team_id,
    grants_of(user_account.c.role).label("grants"),
).where(user_account.c.id == sa.bindparam("user_id"), user_account.c.active)


async def known(tx: Transaction, *, emails: set[str], names: set[str]) -> list[Row]:
    """The users with one of these lower-cased addresses or of these names."""
    return list((await tx.execute(_KNOWN, {"emails": sorted(emails), "names": sorted(names)})).all())


async def principal_now(connection: AsyncConnection, user_id: UUID) -> Principal | None:
    """The user with today's role, team and grants; None for one who has left."""
    row = (await connection.execute(_RIGHTS, {"user_id": user_id})).one_or_none()
    if row is None:
        return None
    grants = {key: Scope(value) for key, value in row.grants.items()}
    return Principal(id=row.id, role=row.role, team_id=row.team_id, grants=grants)


async def get(connection: AsyncConnection, user_id: UUID) -> Row | None:
    """The user without their password."""
    return (await connection.execute(_GET, {"user_id": user_id})).one_or_none()


async def lock(tx: Transaction, user_id: UUID) -> Row | None:
    """The whole user, locked until the transaction ends."""
    return (await tx.execute(_LOCK, {"user_id": user_id})).one_or_none()


async def by_email(connection: AsyncConnection, email: str) -> Row | None:
    """Id, active and password hash of the user with this lower-cased address."""
    return (await connection.execute(_BY_EMAIL, {"email": email})).one_or_none()


async def password_hash(connection: AsyncConnection, user_id: UUID) -> str | None:
    """The hash of an active user's password, None when there is neither."""
    found: str | None = await connection.scalar(_PASSWORD_HASH, {"user_id": user_id})
    return found


async def add(tx: Transaction, values: dict[str, Any]) -> Row | None:
    """The new user, or None when the address is taken."""
    return (await tx.execute(_ADD, values)).one_or_none()


async def change(tx: Transaction, user_id: UUID, values: dict[str, Any], now: datetime) -> Row:
    """The user after the change, one version on."""
    statement = (
        sa.update(user_account)
        .where(user_account.c.id == user_id)
        .values(**values, version=user_account.c.version + 1, updated_at=now)
        .returning(*_PUBLIC)
    )
    return (await tx.execute(statement)).one()


async def set_password(tx: Transaction, user_id: UUID, password_hash: str, one_time: bool, now: datetime) -> None:
    """The user signs in with this password from now on."""
    await tx.execute(
        sa.update(user_account)
        .where(user_account.c.id == user_id)
        .values(password_hash=password_hash, password_is_one_time=one_time, updated_at=now)
    )


async def other_admins(tx: Transaction, than: UUID) -> bool:
    """Whether another active administrator exists; stays true until this transaction ends."""
    await tx.execute(_ONE_AT_A_TIME)
    return bool(await tx.scalar(_OTHER_ADMINS, {"user_id": than}))


async def is_active(tx: Transaction, user_id: UUID) -> bool:
    """Whether there is such a user and they work here; they can not be removed until the transaction ends."""
    return await tx.scalar(_ACTIVE, {"user_id": user_id}) is not None


async def sign_in(tx: Transaction, user_id: UUID, password_hash: str, now: datetime) -> bool:
    """Whether the user still works here with this password; they count as having signed in from now on.

    Nobody changes them until the transaction ends.
    """
    return await tx.scalar(_TOUCHED, {"of_user": user_id, "with_hash": password_hash, "now": now}) is not None


async def remove(tx: Transaction, user_id: UUID) -> None:
    """There is no such user any more."""
    await tx.execute(_REMOVE, {"user_id": user_id})


async def any_in_team(tx: Transaction, team_id: UUID) -> bool:
    """Whether somebody is in the team, those who left included."""
    return bool(await tx.scalar(_IN_TEAM, {"team_id": team_id}))


async def teams_of_all(connection: AsyncConnection) -> list[Row]:
    """Id, team and version of every user."""
    return list((await connection.execute(_TEAMS_OF_ALL)).all())


async def changed_since(connection: AsyncConnection, since: datetime) -> list[Row]:
    """Id, team and version of the users changed after `since`."""
    return list((await connection.execute(_CHANGED, {"since": since})).all())


async def some_after(tx: Transaction, after: UUID) -> list[Row]:
    """Up to 500 users by id, following `after`."""
    return list((await tx.execute(_STREAM, {"after": after})).all())
