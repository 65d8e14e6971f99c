"""A durable place for raw requests whose service is away: put with a confirm, taken in order until done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection

from crm_chassis import bus
from crm_chassis.backoff import Backoff
from crm_chassis.hand import Hand

PUT_TIMEOUT_S = 2.0

log = structlog.get_logger()


class BusDown(Exception):
    """The broker did not confirm in time; nothing is known to be kept."""


class Parking:
    """One durable queue of raw bodies with text headers."""

    def __init__(self, amqp_url: str, queue: str) -> None:
        self._amqp_url = amqp_url
        self._queue = queue
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._lock = asyncio.Lock()
        self.hand = Hand()

    async def put(self, body: bytes, headers: Mapping[str, str]) -> None:
        """The body is on disk at the broker when this returns; BusDown within two seconds else."""
        message = aio_pika.Message(
            body, headers=dict(headers), delivery_mode=aio_pika.DeliveryMode.PERSISTENT, timestamp=None
        )
        try:
            async with asyncio.timeout(PUT_TIMEOUT_S):
                channel = await self._open()
                await channel.default_exchange.publish(message, routing_key=self._queue, mandatory=True)
        except (*bus.BUS_ERRORS, aio_pika.exceptions.DeliveryError) as error:
            raise BusDown(repr(error)) from error

    async def take(self, handler: Callable[[bytes, Mapping[str, str]], Awaitable[None]]) -> None:
        """Give each body to `handler` in order, for ever; one that raises is tried again before the next."""
        backoff = Backoff()
        while True:
            try:
                connection = await aio_pika.connect(
                    self._amqp_url, client_properties={"connection_name": "crm parking"}
                )
                async with connection:
                    channel = await connection.channel()
                    await channel.set_qos(prefetch_count=1)
                    queue = await channel.declare_queue(self._queue, passive=True)
                    self.hand.held = 0
                    async with queue.iterator() as messages:
                        backoff.reset()
                        async for message in messages:
                            self.hand.held += 1
                            headers = {name: str(value) for name, value in message.headers.items()}
                            await self._until_done(handler, message.body, headers)
                            await message.ack()
                            self.hand.finish(1)
            except bus.BUS_ERRORS as error:
                backoff.tell(log, "parking waits", reason=repr(error))
            await backoff.wait()

    async def close(self) -> None:
        """The connection used for putting is closed."""
        if self._connection is not None:
            await self._connection.close()

    async def _until_done(
        self,
        handler: Callable[[bytes, Mapping[str, str]], Awaitable[None]],
        body: bytes,
        headers: Mapping[str, str],
    ) -> None:
        backoff = Backoff()
        while True:
            try:
                await handler(body, headers)
                return
            except Exception as error:
                backoff.tell(log, "parked request waits", reason=type(error).__name__)
                await backoff.wait()

    async def _open(self) -> AbstractChannel:
        async with self._lock:
            if self._channel is None or self._channel.is_closed:
                self._connection = await aio_pika.connect(
                    self._amqp_url, client_properties={"connection_name": "crm park"}
                )
                self._channel = await self._connection.channel(on_return_raises=True)
            return self._channel
