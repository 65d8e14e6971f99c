"""Statements on calls of an old system."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert

from crm_telephony.calls.models import call
from crm_telephony.calls.repository import Row

_ADD = insert(call).on_conflict_do_nothing(index_elements=["connection_id", "vendor_call_id"]).returning(call)


async def add(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The calls stand, save those known before; answers the new ones."""
    return list((await tx.execute(_ADD, list(rows))).all())
