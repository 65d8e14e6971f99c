"""The reader of <service>.dead: every message there becomes a row of dead_letter, then is acknowledged."""

import aio_pika
import structlog
from aio_pika.abc import AbstractIncomingMessage

from crm_chassis import bus
from crm_chassis.backoff import Backoff
from crm_chassis.database import Database, is_infrastructure
from crm_chassis.dead_letters import drain
from crm_chassis.metrics import LOOP_FAILURES

log = structlog.get_logger()


class DeadLetterDrain:
    """Runs until cancelled."""

    def __init__(self, database: Database, amqp_url: str, queue: str) -> None:
        self._database = database
        self._amqp_url = amqp_url
        self._queue = queue

    async def run(self) -> None:
        """Drain for ever; trouble with the database or the broker is waited out."""
        backoff = Backoff()
        while True:
            try:
                connection = await aio_pika.connect(self._amqp_url, client_properties={"connection_name": self._queue})
                async with connection:
                    channel = await connection.channel()
                    await channel.set_qos(prefetch_count=50)
                    queue = await channel.declare_queue(self._queue, passive=True)
                    async with queue.iterator() as messages:
                        backoff.reset()
                        async for message in messages:
                            await self._keep(message)
            except Exception as error:
                if not isinstance(error, bus.BUS_ERRORS) and not is_infrastructure(error):
                    LOOP_FAILURES.labels("dead letters").inc()
                    log.exception("dead letter drain failed")
                else:
                    backoff.tell(log, "dead letters wait", reason=repr(error))
            await backoff.wait()

    async def _keep(self, message: AbstractIncomingMessage) -> None:
        await drain(self._database, [message])
        log.error("dead letter", queue=message.routing_key, type=message.type, event_id=message.message_id)
        await message.ack()
