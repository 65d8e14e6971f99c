"""Statements on raw webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.hooks.models import call_event_raw as raw

Row = sa.Row[*tuple[Any, ...]]

_KEEP = insert(raw).on_conflict_do_nothing(index_elements=["connection_id", "vendor_event_key"]).returning(raw.c.id)
_KNOWN = sa.select(raw.c.payload_sha256).where(
    raw.c.connection_id == sa.bindparam("p_connection"), raw.c.vendor_event_key == sa.bindparam("p_key")
)
_PENDING = (
    sa.select(raw.c.connection_id, raw.c.vendor_call_id, raw.c.command_id)
    .where(
        raw.c.parsed_at.is_(None),
        sa.or_(raw.c.try_after.is_(None), raw.c.try_after <= sa.func.clock_timestamp()),
    )
    .group_by(raw.c.connection_id, raw.c.vendor_call_id, raw.c.command_id)
    .order_by(sa.func.min(raw.c.arrived_at))
    .limit(sa.bindparam("p_limit"))
)
_OF_CALL = (
    sa.select(raw)
    .where(raw.c.connection_id == sa.bindparam("p_connection"), raw.c.vendor_call_id == sa.bindparam("p_call"))
    .order_by(raw.c.arrived_at, raw.c.id)
)
_OF_COMMAND = sa.select(raw).where(
    raw.c.connection_id == sa.bindparam("p_connection"),
    raw.c.command_id == sa.bindparam("p_command"),
    raw.c.parsed_at.is_(None),
)
_PARSED = (
    sa.update(raw)
    .where(raw.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(parsed_at=sa.func.clock_timestamp(), error=None)
)
_PUT_OFF = (
    sa.update(raw)
    .where(
        raw.c.connection_id == sa.bindparam("p_connection"),
        raw.c.vendor_call_id.is_not_distinct_from(sa.bindparam("p_call", type_=sa.Text)),
        raw.c.command_id.is_not_distinct_from(sa.bindparam("p_command", type_=raw.c.command_id.type)),
        raw.c.parsed_at.is_(None),
    )
    .values(
        attempts=raw.c.attempts + 1,
        error=sa.bindparam("p_error"),
        try_after=sa.func.clock_timestamp()
        + sa.func.make_interval(0, 0, 0, 0, 0, 0, 5 * sa.func.power(2, sa.func.least(raw.c.attempts, 10))),
    )
)


async def keep(tx: Transaction, row: Mapping[str, Any]) -> bool:
    """Whether the webhook is new; it is stored now in either case."""
    return await tx.scalar(_KEEP, row) is not None


async def known_payload(tx: Transaction, connection_id: UUID, key: str) -> bytes | None:
    """The SHA-256 of what came first under this event key."""
    found: bytes | None = await tx.scalar(_KNOWN, {"p_connection": connection_id, "p_key": key})
    return found


async def pending(connection: AsyncConnection, limit: int) -> Sequence[Row]:
    """The calls and commands with webhooks not folded yet, longest waiting first."""
    return (await connection.execute(_PENDING, {"p_limit": limit})).all()


async def of_call(tx: Transaction, connection_id: UUID, vendor_call_id: str) -> Sequence[Row]:
    """Every webhook of a call, as they arrived."""
    return (await tx.execute(_OF_CALL, {"p_connection": connection_id, "p_call": vendor_call_id})).all()


async def of_command(tx: Transaction, connection_id: UUID, command_id: UUID) -> Sequence[Row]:
    """Webhooks that answer a command and are not folded yet."""
    return (await tx.execute(_OF_COMMAND, {"p_connection": connection_id, "p_command": command_id})).all()


async def parsed(tx: Transaction, ids: Sequence[UUID]) -> None:
    """These webhooks have had their effect."""
    if ids:
        await tx.execute(_PARSED, {"ids": list(ids)})


async def put_off(
    tx: Transaction, connection_id: UUID, vendor_call_id: str | None, command_id: UUID | None, error: str
) -> None:
    """The webhooks are tried again later: 5 s, then twice as long each time, up to 85 minutes."""
    values = {"p_connection": connection_id, "p_call": vendor_call_id, "p_command": command_id, "p_error": error}
    await tx.execute(_PUT_OFF, values)
