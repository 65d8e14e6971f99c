"""Effects and commands: one message, one transaction, through FastStream.

Before an effect stand the gate and the inbox row (reader, event id); a command has no gate, its dedupe key is the
owner's. Handler errors climb the ladder; infrastructure errors wait here, unacknowledged, and never count.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from crm_contracts.envelope import Envelope
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitMessage, RabbitQueue
from sqlalchemy.dialects.postgresql import insert

from crm_chassis import attempts, bus, tables
from crm_chassis.backoff import Backoff
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, Transaction, is_infrastructure
from crm_chassis.decode import envelopes
from crm_chassis.gate import SKIPS, Gate
from crm_chassis.hand import Hand
from crm_chassis.metrics import CONSUMED, CONSUMER_LAG, GATE_SKIPS, PAUSES

EventHandler = Callable[[Transaction, Envelope], Awaitable[None]]

# Each running handler holds a pooled database connection, so the prefetch stays well under the pool.
CONCURRENCY = 6

_TAKE = insert(tables.inbox).on_conflict_do_nothing().returning(tables.inbox.c.event_id)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event causes, once. `late_after` None: even an event recorded days late still counts."""

    handle: EventHandler
    late_after: timedelta | None = field(default=timedelta(hours=1))
    expires_after: timedelta | None = None

    @property
    def gate(self) -> Gate:
        """The gate in front of it."""
        return Gate(self.late_after, self.expires_after)


class Messages:
    """FastStream subscribers of one service's effect and command queues."""

    def __init__(
        self,
        database: Database,
        amqp_url: str,
        effects: Mapping[str, Effect],
        commands: Mapping[str, EventHandler],
    ) -> None:
        self._database = database
        self.connected = False
        self.hands = {queue: Hand() for queue in (*effects, *commands)}
        self._broker = RabbitBroker(
            amqp_url,
            default_channel=Channel(prefetch_count=CONCURRENCY, publisher_confirms=True, on_return_raises=True),
            graceful_timeout=15.0,
            logger=None,
        )
        for queue, effect in effects.items():
            self._subscribe(queue, self._effect(queue, effect))
        for queue, handler in commands.items():
            self._subscribe(queue, handler)

    @property
    def in_hand(self) -> int:
        """Messages taken and not yet answered for."""
        return sum(hand.held for hand in self.hands.values())

    async def reaches_bus(self) -> bool:
        """True while the broker answers."""
        return self.connected and await self._broker.ping(timeout=1.0)

    async def run(self) -> None:
        """Consume until cancelled; a broker away at the start is waited for, later losses reconnect by themselves."""
        backoff = Backoff()
        while True:
            try:
                await self._broker.start()
                break
            except bus.BUS_ERRORS as error:
                backoff.tell(log, "messages wait", reason=repr(error))
                await self._broker.stop()
                await backoff.wait()
        self.connected = True
        try:
            await _forever()
        finally:
            self.connected = False
            await self._broker.stop()

    def _subscribe(self, queue: str, handler: EventHandler) -> None:
        where = RabbitQueue(queue, durable=True, queue_type=QueueType.QUORUM, declare=False)

        @self._broker.subscriber(where, ack_policy=AckPolicy.NACK_ON_ERROR, decoder=_raw)
        async def consume(body: bytes, message: RabbitMessage) -> None:
            raw = message.raw_message
            self.hands[queue].held += 1
            try:
                for event in envelopes(raw.body, raw.content_type):
                    await self._handle(queue, handler, event)
            except Exception as error:
                attempts.log_failure(log, queue, raw.type, error)
                await attempts.climb(queue, raw, error)
            finally:
                self.hands[queue].finish(1)

    async def _handle(self, queue: str, handler: EventHandler, event: Envelope) -> None:
        backoff = Backoff()
        with telling(Story.caused_by(event, self._database.service)):
            while True:
                try:
                    async with self._database.transaction() as tx:
                        await handler(tx, event)
                    break
                except Exception as error:
                    if not is_infrastructure(error):
                        raise
                    PAUSES.labels(queue).inc()
                    await backoff.wait()
        CONSUMED.labels(queue, event.type).inc()
        CONSUMER_LAG.labels(queue).set((now() - event.recordedtime).total_seconds())

    def _effect(self, queue: str, effect: Effect) -> EventHandler:
        for reason in SKIPS:
            GATE_SKIPS.labels(queue, reason)

        async def guarded(tx: Transaction, event: Envelope) -> None:
            verdict = effect.gate.judge(event, now())
            if verdict != "do":
                GATE_SKIPS.labels(queue, verdict).inc()
                return
            taken = await tx.scalar(_TAKE, {"reader": queue, "event_id": event.id})
            if taken is not None:
                await effect.handle(tx, event)

        return guarded


async def _raw(message: RabbitMessage) -> bytes:
    return message.body


async def _forever() -> None:
    await asyncio.Event().wait()
