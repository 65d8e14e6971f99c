"""Listening in without a durable queue: one exclusive queue per process. Hints, never the only copy."""

from collections.abc import Awaitable, Callable, Sequence

import aio_pika
import structlog
from aio_pika.abc import AbstractIncomingMessage
from crm_contracts.envelope import Envelope

from crm_chassis import bus
from crm_chassis.attempts import Poison
from crm_chassis.backoff import Backoff
from crm_chassis.decode import envelopes
from crm_chassis.metrics import LOOP_FAILURES

log = structlog.get_logger()


class Listener:
    """Feeds live events of some types to a handler until cancelled; `on_gap` tells that some may have been missed."""

    def __init__(
        self,
        amqp_url: str,
        types: Sequence[str],
        handler: Callable[[Envelope], Awaitable[None]],
        on_gap: Callable[[], None],
    ) -> None:
        self._amqp_url = amqp_url
        self._types = types
        self._handler = handler
        self._on_gap = on_gap
        self.connected = False

    async def run(self) -> None:
        """Listen for ever; after each reconnection the gap is told first."""
        backoff = Backoff()
        first = True
        while True:
            try:
                connection = await aio_pika.connect(self._amqp_url, client_properties={"connection_name": "crm live"})
                async with connection:
                    channel = await connection.channel()
                    exchange = await channel.get_exchange(bus.EVENTS_EXCHANGE, ensure=True)
                    queue = await channel.declare_queue(exclusive=True, auto_delete=True)
                    for type_ in self._types:
                        await queue.bind(exchange, routing_key=type_)
                    if not first:
                        self._on_gap()
                    first = False
                    self.connected = True
                    backoff.reset()
                    async with queue.iterator(no_ack=True) as messages:
                        async for message in messages:
                            await self._feed(message)
            except bus.BUS_ERRORS as error:
                backoff.tell(log, "listener waits", reason=repr(error))
            except Exception:
                LOOP_FAILURES.labels("listener").inc()
                log.exception("listener failed")
            finally:
                self.connected = False
            await backoff.wait()

    async def _feed(self, message: AbstractIncomingMessage) -> None:
        try:
            for event in envelopes(message.body, message.content_type):
                await self._handler(event)
        except Poison:
            log.warning("unreadable live event", type=message.type)
