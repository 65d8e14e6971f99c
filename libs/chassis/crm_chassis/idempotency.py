"""Idempotency-Key: the first answer is kept for 24 h in the transaction of its effect, and given again.

A key reused with another request is refused (422). Two at once: the second waits for the first one's commit.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from crm_chassis.database import Transaction
from crm_chassis.problems import FieldError, Invalid
from crm_chassis.tables import idempotency_key as keys


@dataclass
class AlreadyAnswered(Exception):
    """The key was used before with this very request; this is what was answered."""

    status: int
    body: bytes
    etag: str | None


_CLAIM = insert(keys).on_conflict_do_nothing().returning(keys.c.key)
_STORED = sa.select(keys).where(keys.c.principal == sa.bindparam("p_principal"), keys.c.key == sa.bindparam("p_key"))
_REMEMBER = (
    sa.update(keys)
    .where(keys.c.principal == sa.bindparam("p_principal"), keys.c.key == sa.bindparam("p_key"))
    .values(status=sa.bindparam("p_status"), body=sa.bindparam("p_body"), etag=sa.bindparam("p_etag"))
)


async def claim(tx: Transaction, principal: str, key: str, request_sha256: bytes) -> None:
    """The key is this request's; AlreadyAnswered for a repetition, Invalid when it was used for another request."""
    row = {"principal": principal, "key": key, "request_sha256": request_sha256}
    if await tx.scalar(_CLAIM, row) is not None:
        return
    stored = (await tx.execute(_STORED, {"p_principal": principal, "p_key": key})).one()
    if stored.request_sha256 != request_sha256:
        raise Invalid([FieldError("Idempotency-Key", "idempotency_key_reused", "Used for another request before.")])
    raise AlreadyAnswered(stored.status, stored.body, stored.etag)


async def remember(tx: Transaction, principal: str, key: str, status: int, body: bytes, etag: str | None) -> None:
    """The answer to give when the key comes again."""
    await tx.execute(
        _REMEMBER,
        {"p_principal": principal, "p_key": key, "p_status": status, "p_body": body, "p_etag": etag},
    )
