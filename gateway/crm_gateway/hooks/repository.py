"""Statements on the copy of PBX connections."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.decode import newest_per_subject
from crm_contracts.envelope import Envelope
from crm_contracts.telephony import ConnectionState
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_gateway.hooks.models import pbx_connection

_insert = insert(pbx_connection)
_UPSERT = _insert.on_conflict_do_update(
    index_elements=["id"],
    set_={column.name: _insert.excluded[column.name] for column in pbx_connection.c if column.name != "id"},
    where=pbx_connection.c.version < _insert.excluded.version,
)
_FIND = sa.select(pbx_connection).where(pbx_connection.c.token_sha256 == sa.bindparam("token_sha256"))


async def apply(tx: Transaction, events: Sequence[Envelope]) -> None:
    """Connections stand as their newest event tells; older ones change nothing."""
    rows: list[dict[str, Any]] = []
    for event in newest_per_subject(events):
        state = ConnectionState.model_validate(event.data)
        rows.append(state.model_dump(exclude={"changed", "version"}) | {"version": event.sequence})
    if rows:
        await tx.execute(_UPSERT, sorted(rows, key=lambda row: str(row["id"])))


async def find(connection: AsyncConnection, token_sha256: str) -> sa.Row[Any] | None:
    """The connection of a hashed token."""
    return (await connection.execute(_FIND, {"token_sha256": token_sha256})).first()
