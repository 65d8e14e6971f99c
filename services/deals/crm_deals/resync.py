"""Current state of deals, pipelines and products, streamed to one reader that starts anew."""

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_contracts.deals import DEAL_UPDATED, PIPELINE_CHANGED, PRODUCT_CHANGED

from crm_deals.deals.models import deal
from crm_deals.deals.repository import WHOLE
from crm_deals.deals.schemas import deal_state
from crm_deals.pipelines import repository as pipelines
from crm_deals.pipelines.schemas import pipeline_state
from crm_deals.products.models import product
from crm_deals.products.schemas import product_state

CHUNK = 1000


async def stream_deals(tx: Transaction, to_queue: str) -> None:
    """Every deal, as it is now, goes to the queue."""
    statement = WHOLE.order_by(deal.c.id).limit(CHUNK)
    rows = (await tx.execute(statement)).all()
    while rows:
        for row in rows:
            tx.redirect(
                to_queue, DEAL_UPDATED, subject="deal", id=row.id, sequence=row.version, data=deal_state(row, [])
            )
        await tx.flush()
        rows = (await tx.execute(statement.where(deal.c.id > rows[-1].id))).all()


async def stream_pipelines(tx: Transaction, to_queue: str) -> None:
    """Every pipeline goes to the queue; there are few."""
    for rows in await pipelines.everything(tx.connection):
        state = pipeline_state(rows, [])
        tx.redirect(to_queue, PIPELINE_CHANGED, subject="pipeline", id=state.id, sequence=state.version, data=state)


async def stream_products(tx: Transaction, to_queue: str) -> None:
    """Every product goes to the queue."""
    statement = sa.select(*product.c).order_by(product.c.id).limit(CHUNK)
    rows = (await tx.execute(statement)).all()
    while rows:
        for row in rows:
            state = product_state(row, [])
            tx.redirect(to_queue, PRODUCT_CHANGED, subject="product", id=row.id, sequence=row.version, data=state)
        await tx.flush()
        rows = (await tx.execute(statement.where(product.c.id > rows[-1].id))).all()
