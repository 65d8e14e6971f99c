"""How fast events flow: from an outbox to the broker, and from the broker through the archive into the figures.

Events of real deals are recorded once more under new ids, a backlog at a time; for a stack that is thrown away.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg
from crm_contracts import deals

from tests.bench.ground import Ground
from tests.bench.table import Goal, Row

_LIMIT_S = 300.0
_AGAIN = """
    INSERT INTO outbox (event_id, type, queue, bulk, body)
    SELECT new, type, NULL, false,
           convert_to(regexp_replace(text, '"id":"[0-9a-f-]{36}"', '"id":"' || new || '"'), 'UTF8')
    FROM (
        SELECT gen_random_uuid() AS new, type, convert_from(body, 'UTF8') AS text
        FROM (SELECT type, body FROM outbox_sent WHERE type = $2 LIMIT $1) AS told,
             generate_series(1, $1)
        LIMIT $1
    ) AS again
"""
_WAITING = "SELECT count(*) FROM outbox"
_TAKEN = "SELECT position FROM projection_generation WHERE state = 'live'"


async def flow_rows(ground: Ground, events: int) -> list[Row]:
    """Relay and projections, each with a backlog of so many events and all other programs running."""
    stack = ground.stack
    await ground.drained(_LIMIT_S)
    taken = await asyncpg.connect(stack.database_urls["reports"])
    outbox = await asyncpg.connect(stack.database_urls["deals"])
    try:
        before = await taken.fetchval(_TAKEN)
        await asyncio.to_thread(stack.halt, "reports")
        recorded = await outbox.execute(_AGAIN, events, deals.DEAL_CREATED)
        if recorded != f"INSERT 0 {events}":
            raise RuntimeError(f"no backlog of {events} could be made: {recorded}")

        async def sent() -> int:
            return events - int(await outbox.fetchval(_WAITING))

        async def projected() -> int:
            return int(await taken.fetchval(_TAKEN)) - int(before)

        relayed = await _rate(sent, events)
        resuming = asyncio.create_task(asyncio.to_thread(stack.resume, "reports"))
        figured = await _rate(projected, events)
        await resuming
    finally:
        await taken.close()
        await outbox.close()
    await ground.drained(_LIMIT_S)
    return [
        Row("relay, events", Goal(per_s=5_000), per_s=relayed, note=f"a backlog of {events}"),
        Row("archive and projections, events", Goal(per_s=3_000), per_s=figured, note=f"a backlog of {events}"),
    ]


async def _rate(done: Callable[[], Awaitable[int]], events: int) -> float:
    """Events a second from the first that was seen done to the last."""
    deadline = time.monotonic() + _LIMIT_S
    while (first := await done()) <= 0:
        await _look_again(deadline)
    began = time.monotonic()
    if first >= events:
        return float(events)  # all in less than one look
    while await done() < events:
        await _look_again(deadline)
    return round((events - first) / (time.monotonic() - began), 1)


async def _look_again(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise RuntimeError(f"the backlog was not worked off in {_LIMIT_S:.0f} s")
    await asyncio.sleep(0.01)
