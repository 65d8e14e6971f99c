"""Statements of deal lines; they are read with their deal."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction

from crm_deals.lines.models import deal_line


async def replace(tx: Transaction, deal_id: UUID, rows: list[dict[str, Any]]) -> None:
    """The deal has these lines and no others."""
    await tx.execute(sa.delete(deal_line).where(deal_line.c.deal_id == deal_id))
    if rows:
        await tx.execute(sa.insert(deal_line), rows)
