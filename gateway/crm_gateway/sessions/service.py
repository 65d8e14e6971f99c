"""Signing in and out."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from crm_chassis.database import Database, Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import Unauthorized

from crm_gateway.passwords import Passwords
from crm_gateway.sessions import repository
from crm_gateway.sessions.directory import digest
from crm_gateway.users import repository as users

TOKEN_BYTES = 32
_USER_AGENT_CHARS = 200


def wrong_credentials() -> Unauthorized:
    """The one answer to an unknown user, a wrong password, one who left and one without a password."""
    return Unauthorized("The e-mail address or the password is wrong.", code="wrong_credentials")


async def check(database: Database, passwords: Passwords, email: str, password: str) -> tuple[UUID, str]:
    """Id and password hash of the active user with these credentials; the same work and answer for all others.

    `email` is lower-cased.

    Holds no connection while the password is hashed.
    """
    async with database.read() as connection:
        row = await users.by_email(connection, email)
    usable = row is not None and row.active
    kept: str | None = row.password_hash if row is not None and usable else None
    if not await passwords.verify(password, kept) or row is None or kept is None:
        raise wrong_credentials()
    return row.id, kept


async def begin(
    tx: Transaction,
    user_id: UUID,
    password_hash: str,
    *,
    transport: str,
    address: str,
    user_agent: str,
    now: datetime,
    life: timedelta,
) -> str:
    """The token of a new session; refused when the user left or changed the password since the check."""
    if not await users.sign_in(tx, user_id, password_hash, now):
        raise wrong_credentials()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await repository.add(
        tx,
        {
            "id": new_id(),
            "token_sha256": digest(token),
            "user_id": user_id,
            "transport": transport,
            "address": address,
            "user_agent": user_agent[:_USER_AGENT_CHARS],
            "created_at": now,
            "expires_at": now + life,
        },
    )
    return token
