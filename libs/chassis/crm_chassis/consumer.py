"""The batch consumer of copies and facts: up to 300 messages in one transaction, then one acknowledgement.

Owns reading, batching, pausing and the ladder. Handlers must be safe to run twice: the natural key is the dedupe.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import aiormq
import structlog
from aiormq.abc import AbstractChannel, DeliveredMessage
from crm_contracts.envelope import Envelope
from pamqp.common import FieldTable

from crm_chassis import attempts, bus
from crm_chassis.backoff import Backoff
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, Transaction, is_infrastructure
from crm_chassis.decode import envelopes
from crm_chassis.hand import Hand
from crm_chassis.metrics import CONSUMED, CONSUMER_LAG, LOOP_FAILURES, PAUSES

BatchHandler = Callable[[Transaction, Sequence[Envelope]], Awaitable[None]]

BATCH = 300
BATCH_BYTES = 4 * 1024 * 1024
PREFETCH = 500

log = structlog.get_logger()


class Taken(NamedTuple):
    """A message as the broker delivered it: aio-pika's own costs more to make than to handle."""

    body: bytes
    content_type: str | None
    message_id: str | None
    type: str | None
    headers: FieldTable
    channel: AbstractChannel
    tag: int


class BatchConsumer:
    """Feeds one queue to one handler until cancelled."""

    def __init__(
        self, database: Database, amqp_url: str, queue: str, handler: BatchHandler, *, linger_s: float
    ) -> None:
        """`linger_s`: how long a message waits for company, so that ten small transactions become one."""
        self._linger_s = linger_s
        self._database = database
        self._amqp_url = amqp_url
        self._queue = queue
        self._handler = handler
        self.connected = False
        self.hands = {queue: Hand()}
        self._hand = self.hands[queue]

    @property
    def in_hand(self) -> int:
        """Messages taken and not yet answered for."""
        return self._hand.held

    async def reaches_bus(self) -> bool:
        """True while it listens to its queue."""
        return self.connected

    async def run(self) -> None:
        """Consume for ever; a lost broker is reconnected to."""
        backoff = Backoff()
        while True:
            try:
                await self._consume(backoff)
            except Exception as error:
                if not isinstance(error, bus.BUS_ERRORS):
                    LOOP_FAILURES.labels(self._queue).inc()
                    log.exception("consumer failed", queue=self._queue)
                else:
                    backoff.tell(log, "consumer waits", queue=self._queue, reason=repr(error))
            finally:
                self.connected = False
            await backoff.wait()

    async def _consume(self, backoff: Backoff) -> None:
        connection = await aiormq.connect(self._amqp_url, client_properties={"connection_name": f"crm {self._queue}"})
        try:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            await channel.basic_qos(prefetch_count=PREFETCH)
            arrived: asyncio.Queue[Taken | None] = asyncio.Queue()
            channel.closing.add_done_callback(lambda _: arrived.put_nowait(None))
            await channel.queue_declare(self._queue, passive=True)
            self._hand.held = 0

            async def arrive(message: DeliveredMessage) -> None:
                self._hand.held += 1
                arrived.put_nowait(_taken(message))

            await channel.basic_consume(self._queue, arrive)
            self.connected = True
            backoff.reset()
            while True:
                batch = await _next_batch(arrived, self._linger_s)
                await self._handle(batch)
                await channel.basic_ack(batch[-1].tag, multiple=True)
                self._hand.finish(len(batch))
        finally:
            await connection.close()

    async def _handle(self, batch: list[Taken]) -> None:
        try:
            events = [event for message in batch for event in envelopes(message.body, message.content_type)]
            await self._apply(events)
        except Exception as error:
            if len(batch) == 1:
                attempts.log_failure(log, self._queue, batch[0].type, error)
                await attempts.climb(self._queue, batch[0], error)
                return
            # One bad message must not take the others up the ladder: each alone, in order.
            for message in batch:
                await self._handle([message])

    async def _apply(self, events: list[Envelope]) -> None:
        backoff = Backoff()
        while True:
            try:
                with telling(Story.of_system(self._database.service)):
                    async with self._database.transaction() as tx:
                        await self._handler(tx, events)
                break
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                PAUSES.labels(self._queue).inc()
                await backoff.wait()
        for type_, count in Counter(event.type for event in events).items():
            CONSUMED.labels(self._queue, type_).inc(count)
        if events:
            CONSUMER_LAG.labels(self._queue).set((now() - events[-1].recordedtime).total_seconds())


def _taken(message: DeliveredMessage) -> Taken:
    said = message.header.properties
    assert message.delivery_tag is not None
    return Taken(
        message.body,
        said.content_type,
        said.message_id,
        said.message_type,
        said.headers or {},
        message.channel,
        message.delivery_tag,
    )


async def _next_batch(arrived: asyncio.Queue[Taken | None], linger_s: float) -> list[Taken]:
    batch: list[Taken] = []
    size = 0

    def take(message: Taken | None) -> None:
        nonlocal size
        if message is None:
            raise ConnectionError("the broker closed the channel")
        batch.append(message)
        size += len(message.body)

    def full() -> bool:
        return len(batch) >= BATCH or size >= BATCH_BYTES

    take(await arrived.get())
    while not full() and not arrived.empty():
        take(arrived.get_nowait())
    with suppress(TimeoutError):
        async with asyncio.timeout(linger_s):
            while not full():
                take(await arrived.get())
    return batch
