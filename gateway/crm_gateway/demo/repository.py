"""Statements on the people of the demo."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_gateway.users.models import user_account

_VISITORS = sa.select(user_account.c.name, user_account.c.email, user_account.c.role).where(
    user_account.c.email.in_(sa.bindparam("emails", expanding=True)),
    user_account.c.active,
    user_account.c.password_is_one_time.is_(False),
)


async def visitors(connection: AsyncConnection, emails: Sequence[str]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Those of the addresses who can sign in already."""
    return (await connection.execute(_VISITORS, {"emails": list(emails)})).all()
