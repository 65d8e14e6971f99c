"""RabbitMQ names: exchanges, retry ladder, dead queues; and which errors mean that the broker is away."""

import asyncio

import aiormq
from aiormq.exceptions import AMQPError, ChannelInvalidStateError

EVENTS_EXCHANGE = "crm.events"
DEAD_EXCHANGE = "crm.dead"
RETRY_DELAYS_S: tuple[int, ...] = (5, 60, 900)
PARKED_HOOKS_QUEUE = "gateway.parked-hooks"

BUS_ERRORS = (AMQPError, ChannelInvalidStateError, OSError, asyncio.TimeoutError)


def retry_exchange(step: int) -> str:
    """The fanout exchange (and queue) in which a message waits before attempt `step` + 2."""
    return f"crm.retry.{RETRY_DELAYS_S[step]}s"


def dead_queue(service: str) -> str:
    """Where a service's failed messages go, to be drained into its dead_letter table."""
    return f"{service}.dead"


async def messages_in(amqp_url: str, queue: str) -> int:
    """How many messages wait in the queue, those in a reader's hand left out."""
    connection = await aiormq.connect(amqp_url)
    try:
        channel = await connection.channel()
        declared = await channel.queue_declare(queue, passive=True)
        return declared.message_count or 0
    finally:
        await connection.close()
