"""One chunk of products or deals at a time: what one finds missing and makes, the next must find."""

import sqlalchemy as sa
from crm_chassis.database import Transaction

_ALONE = sa.text("SELECT pg_advisory_xact_lock(7310011)")


async def alone(tx: Transaction) -> None:
    """No other chunk of products or deals is judged or written until this transaction ends."""
    await tx.execute(_ALONE)
