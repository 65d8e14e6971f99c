"""Gauges of what stands still here: calls without an end, webhooks without a fold."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from crm_chassis.metrics import gauge
from crm_chassis.watch import Measure
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.calls.folding import Patience
from crm_telephony.calls.models import call
from crm_telephony.hooks.models import call_event_raw as raw

# Past the timers that close a silent call, so that what counts as stale is a call they have not closed.
GRACE: Final = timedelta(hours=1)

OPEN = gauge("telephony_calls_open", "Calls that have not ended", ["phase"])
STALE = gauge("telephony_calls_stale", "Calls that have been in a phase for hours and have not ended", ["phase"])
WEBHOOKS = gauge("telephony_webhooks_waiting", "Webhooks kept and not folded into a call yet")
WEBHOOK_LAG = gauge("telephony_webhook_lag_seconds", "Age of the oldest webhook not folded yet")

_SINCE = sa.func.clock_timestamp() - sa.func.coalesce(call.c.answered_at, call.c.started_at)
_OPEN = (
    sa.select(
        call.c.phase,
        sa.func.count().label("open"),
        sa.func.count()
        .filter(
            sa.case(
                (call.c.phase == "talking", sa.bindparam("talking", type_=sa.Interval)),
                else_=sa.bindparam("ringing", type_=sa.Interval),
            )
            < _SINCE
        )
        .label("stale"),
    )
    .where(sa.text("phase <> 'ended'"))  # in the words of the partial index
    .group_by(call.c.phase)
)
_WAITING = sa.select(
    sa.func.count().label("waiting"),
    sa.func.extract("epoch", sa.func.clock_timestamp() - sa.func.min(raw.c.arrived_at)).label("age"),
).where(raw.c.parsed_at.is_(None))


def measures(patience: Patience) -> Sequence[Measure]:
    """What the chassis is to measure here."""
    limits = {
        "talking": timedelta(seconds=patience.talk_s) + GRACE,
        "ringing": timedelta(seconds=patience.ring_s) + GRACE,
    }

    async def calls(connection: AsyncConnection) -> None:
        found = {row.phase: row for row in await connection.execute(_OPEN, limits)}
        for phase in ("requested", "ringing", "talking"):
            OPEN.labels(phase).set(found[phase].open if phase in found else 0)
            STALE.labels(phase).set(found[phase].stale if phase in found else 0)

    async def webhooks(connection: AsyncConnection) -> None:
        row = (await connection.execute(_WAITING)).one()
        WEBHOOKS.set(row.waiting)
        WEBHOOK_LAG.set(row.age or 0)

    return [calls, webhooks]
