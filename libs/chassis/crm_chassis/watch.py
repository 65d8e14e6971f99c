"""The watch: measures every few seconds what waits, because a part that stands still can not tell so itself.

Owns the gauges of depth, age and reachability. Where several processes serve one database each of them measures:
the greatest value counts. Depths that can not be counted are NaN, never the number of before.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import aiormq
import sqlalchemy as sa
import structlog
from aiormq.abc import AbstractConnection
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_chassis import bus
from crm_chassis.database import is_infrastructure
from crm_chassis.dead_letters import WAITING
from crm_chassis.hand import Hand
from crm_chassis.metrics import (
    CONSUMER_LAG,
    DEAD_LETTERS,
    DEAD_WAITING,
    DUE_LAG,
    OUTBOX_DEPTH,
    OUTBOX_LAG,
    PART_OK,
    PAUSES,
    QUEUE_WAITING,
    RETRIES,
)
from crm_chassis.runtime import Runtime
from crm_chassis.tables import dead_letter

_PATIENCE_S = 4.0
_UNKNOWN = float("nan")

# What is told to one reader again keeps its first time of recording: it is old, not late.
_OUTBOX = sa.text(
    "SELECT count(*), extract(epoch FROM clock_timestamp() - min(recorded_at) FILTER (WHERE queue IS NULL OR NOT bulk))"
    "::float8 FROM outbox"
)
_DUE = sa.text("SELECT extract(epoch FROM clock_timestamp() - min(due_at))::float8 FROM due_work")
_DEAD = sa.select(dead_letter.c.queue, sa.func.count().label("waiting")).where(WAITING).group_by(dead_letter.c.queue)

Measure = Callable[[AsyncConnection], Awaitable[None]]

log = structlog.get_logger()


class Watch:
    """Runs until cancelled; `others` are queues to count beside those of the readers, with the hand that takes them."""

    def __init__(self, runtime: Runtime[Any], others: Mapping[str, Hand | None], measures: Sequence[Measure]) -> None:
        self._runtime = runtime
        self._measures = measures
        self._hands = {queue: hand for queue, hand in others.items() if hand is not None}
        for reader in runtime.readers:
            self._hands |= reader.hands
        self._queues = sorted({*self._hands, *others})
        self._finished = dict.fromkeys(self._hands, 0)
        self._looked_at = time.monotonic()
        self._broker: AbstractConnection | None = None
        self._dead = set(self._hands)
        _show_zeros(self._hands)

    async def run(self) -> None:
        """Measure for ever."""
        try:
            while True:
                async with asyncio.TaskGroup() as looks:
                    for look in (self._parts, self._bus, self._tables, self._service):
                        looks.create_task(look())
                await asyncio.sleep(self._runtime.settings.watch_s)
        finally:
            await self._hang_up()

    async def _parts(self) -> None:
        for part, state in (await self._runtime.health()).items():
            PART_OK.labels(part).set(state == "ok")

    async def _bus(self) -> None:
        ready: Mapping[str, int] = {}
        try:
            async with asyncio.timeout(_PATIENCE_S):
                ready = await self._count()
        except bus.BUS_ERRORS as error:
            log.debug("queues not counted", reason=repr(error))
            await self._hang_up()
        for queue in self._queues:
            held = self._hands[queue].held if queue in self._hands else 0
            QUEUE_WAITING.labels(queue).set(ready.get(queue, _UNKNOWN) + held)
        self._age(ready)

    async def _count(self) -> dict[str, int]:
        if self._broker is None or self._broker.is_closed:
            self._broker = await aiormq.connect(self._runtime.settings.amqp_url)
        channel = await self._broker.channel()
        found = {queue: await channel.queue_declare(queue, passive=True) for queue in self._queues}
        await channel.close()
        return {queue: declared.message_count or 0 for queue, declared in found.items()}

    def _age(self, ready: Mapping[str, int]) -> None:
        """A reader that finished something has told its lag itself; one that did not while something waits ages."""
        passed = time.monotonic() - self._looked_at
        self._looked_at += passed
        for queue, hand in self._hands.items():
            finished, self._finished[queue] = self._finished[queue], hand.finished
            if hand.finished != finished:
                continue
            if hand.held or ready.get(queue):
                CONSUMER_LAG.labels(queue).inc(passed)
            elif queue in ready:
                CONSUMER_LAG.labels(queue).set(0)

    async def _tables(self) -> None:
        if not await self._read(self._own_tables):
            for gauge in (OUTBOX_DEPTH, OUTBOX_LAG, DUE_LAG):
                gauge.set(_UNKNOWN)

    async def _service(self) -> None:
        for measure in self._measures:
            await self._read(measure)

    async def _read(self, measure: Measure) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE_S), self._runtime.database.read() as connection:
                await measure(connection)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.debug("not measured", reason=type(error).__name__)
            return False
        return True

    async def _own_tables(self, connection: AsyncConnection) -> None:
        depth, age = (await connection.execute(_OUTBOX)).one()
        OUTBOX_DEPTH.set(depth)
        OUTBOX_LAG.set(age or 0)
        DUE_LAG.set(max(await connection.scalar(_DUE) or 0, 0))
        dead = {row.queue: row.waiting for row in await connection.execute(_DEAD)}
        self._dead |= dead.keys()
        for queue in self._dead:
            DEAD_WAITING.labels(queue).set(dead.get(queue, 0))

    async def _hang_up(self) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            with suppress(*bus.BUS_ERRORS):
                async with asyncio.timeout(_PATIENCE_S):
                    await broker.close()


def _show_zeros(queues: Mapping[str, Hand]) -> None:
    # A counter whose first increment also makes it appear shows no increase: rates and alerts would miss the first.
    for queue in queues:
        DEAD_LETTERS.labels(queue)
        PAUSES.labels(queue)
        for step in range(1, len(bus.RETRY_DELAYS_S) + 1):
            RETRIES.labels(queue, str(step))
