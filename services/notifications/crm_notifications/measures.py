"""Gauges of messages that have not left, or of which nobody knows whether they did."""

from typing import Final

import sqlalchemy as sa
from crm_chassis.metrics import gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_notifications.messages.models import message

UNCERTAIN = gauge("messages_uncertain", "Messages that may or may not have left, for a person to decide")
WAITING = gauge("messages_waiting", "Messages to be sent now")
LAG = gauge("messages_lag_seconds", "How long the message longest to be sent has waited")

_UNCERTAIN: Final = sa.select(sa.func.count()).select_from(message).where(message.c.status == "uncertain")
_WAITING: Final = sa.select(
    sa.func.count().label("waiting"),
    sa.func.extract("epoch", sa.func.clock_timestamp() - sa.func.min(message.c.queued_at)).label("age"),
).where(sa.text("status = 'queued' AND NOT held"))  # in the words of the partial index


async def measure(connection: AsyncConnection) -> None:
    """The gauges tell what stands in the table now."""
    UNCERTAIN.set(await connection.scalar(_UNCERTAIN) or 0)
    row = (await connection.execute(_WAITING)).one()
    WAITING.set(row.waiting)
    LAG.set(row.age or 0)
