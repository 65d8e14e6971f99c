"""Current state of deals, pipelines and products, streamed to one reader that starts anew."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.resync import PORTION
from crm_contracts.deals import DEAL_UPDATED, PIPELINE_CHANGED, PRODUCT_CHANGED

from crm_deals.deals.models import deal
from crm_deals.deals.repository import WHOLE
from crm_deals.deals.schemas import deal_state
from crm_deals.pipelines import repository as pipelines
from crm_deals.pipelines.schemas import pipeline_state
from crm_deals.products.models import product
from crm_deals.products.schemas import product_state


async def stream_deals(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """A portion of deals, as they are now, goes to the queue."""
    rows = await _portion(tx, WHOLE, deal.c.id, after)
    for row in rows:
        tx.redirect(to_queue, DEAL_UPDATED, subject="deal", id=row.id, sequence=row.version, data=deal_state(row, []))
    return rows[-1].id if len(rows) == PORTION else None


async def stream_pipelines(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """Every pipeline goes to the queue; there are few."""
    for rows in await pipelines.everything(tx.connection):
        state = pipeline_state(rows, [])
        tx.redirect(to_queue, PIPELINE_CHANGED, subject="pipeline", id=state.id, sequence=state.version, data=state)
    return None


async def stream_products(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """A portion of products goes to the queue."""
    rows = await _portion(tx, sa.select(*product.c), product.c.id, after)
    for row in rows:
        state = product_state(row, [])
        tx.redirect(to_queue, PRODUCT_CHANGED, subject="product", id=row.id, sequence=row.version, data=state)
    return rows[-1].id if len(rows) == PORTION else None


async def _portion(
    tx: Transaction, every: sa.Select[Any], id: sa.Column[UUID], after: UUID | None
) -> Sequence[sa.Row[Any]]:
    following = every.where(id > after) if after else every
    return (await tx.execute(following.order_by(id).limit(PORTION))).all()
