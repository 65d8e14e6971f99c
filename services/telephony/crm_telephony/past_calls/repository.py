"""Statements on calls of an old system."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert

from crm_telephony.calls.models import call
from crm_telephony.calls.repository import Row

_ADD = insert(call).on_conflict_do_nothing(index_elements=["connection_id", "vendor_call_id"]).returning(call)


async def known(tx: Transaction, connection_id: UUID, vendor_call_ids: Sequence[str]) -> set[str]:
    """Those of the ids by which the connection has a call already."""
    wanted = sa.select(call.c.vendor_call_id).where(
        call.c.connection_id == connection_id, call.c.vendor_call_id.in_(vendor_call_ids)
    )
    return set((await tx.execute(wanted)).scalars())


async def add(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The calls stand, save those known before; answers the new ones."""
    return list((await tx.execute(_ADD, list(rows))).all())
