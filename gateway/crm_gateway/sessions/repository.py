"""Statements on sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_gateway.roles.models import role
from crm_gateway.roles.repository import grants_of
from crm_gateway.sessions.models import session
from crm_gateway.users.models import user_account

Row = sa.Row[*tuple[Any, ...]]

_ADD = sa.insert(session)
_SIGNED_IN = (
    sa.select(
        session.c.id.label("session_id"),
        session.c.transport,
        session.c.created_at,
        session.c.expires_at,
        user_account.c.id,
        user_account.c.name,
        user_account.c.email,
        user_account.c.role,
        user_account.c.team_id,
        user_account.c.locale,
        user_account.c.version,
        user_account.c.password_is_one_time,
        role.c.version.label("role_version"),
        grants_of(user_account.c.role).label("grants"),
    )
    .join(user_account, user_account.c.id == session.c.user_id)
    .join(role, role.c.name == user_account.c.role)
    .where(
        session.c.token_sha256 == sa.bindparam("token_sha256"),
        session.c.revoked_at.is_(None),
        session.c.expires_at > sa.bindparam("now"),
        user_account.c.active,
    )
)
_ANY = sa.select(sa.exists().where(session.c.user_id == sa.bindparam("user_id")))
_REVOKE = (
    sa.update(session)
    .where(session.c.id == sa.bindparam("session_id"), session.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("now"))
)
_REVOKE_ALL = (
    sa.update(session)
    .where(
        session.c.user_id == sa.bindparam("of_user"),
        session.c.revoked_at.is_(None),
        session.c.id.is_distinct_from(sa.bindparam("but")),
    )
    .values(revoked_at=sa.bindparam("now"))
)
_REVOKED_SINCE = sa.select(session.c.id).where(session.c.revoked_at > sa.bindparam("since"))
_FAMILIAR = sa.select(
    sa.exists().where(
        user_account.c.email == sa.bindparam("email"),
        session.c.user_id == user_account.c.id,
        session.c.address == sa.bindparam("address"),
    )
)
_SWEEP = sa.delete(session).where(
    sa.or_(session.c.expires_at < sa.bindparam("before"), session.c.revoked_at < sa.bindparam("before"))
)


async def add(tx: Transaction, values: dict[str, Any]) -> None:
    """The session exists."""
    await tx.execute(_ADD, values)


async def signed_in(connection: AsyncConnection, token_sha256: bytes, now: datetime) -> Row | None:
    """The live session of a token with its active user and today's grants."""
    return (await connection.execute(_SIGNED_IN, {"token_sha256": token_sha256, "now": now})).one_or_none()


async def is_familiar(connection: AsyncConnection, email: str, address: str) -> bool:
    """Whether the account of this e-mail address signed in from the address lately."""
    return bool(await connection.scalar(_FAMILIAR, {"email": email, "address": address}))


async def any_of(tx: Transaction, user_id: UUID) -> bool:
    """Whether a session of the user is kept, over or not."""
    return bool(await tx.scalar(_ANY, {"user_id": user_id}))


async def revoke(tx: Transaction, session_id: UUID, now: datetime) -> None:
    """The session is over."""
    await tx.execute(_REVOKE, {"session_id": session_id, "now": now})


async def revoke_all(tx: Transaction, user_id: UUID, now: datetime, but: UUID | None = None) -> None:
    """Every session of the user is over, except `but`."""
    await tx.execute(_REVOKE_ALL, {"of_user": user_id, "but": but, "now": now})


async def revoked_since(connection: AsyncConnection, since: datetime) -> list[UUID]:
    """Sessions that ended after `since`."""
    return list((await connection.scalars(_REVOKED_SINCE, {"since": since})).all())


async def sweep(tx: Transaction, before: datetime) -> None:
    """Sessions over since `before` are gone."""
    await tx.execute(_SWEEP, {"before": before})
