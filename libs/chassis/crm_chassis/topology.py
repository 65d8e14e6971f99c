"""The topology every service stands on, made from the graph in crm_contracts and applied by `crm provision`.

Retry: three shared queues behind fanout exchanges; a message is published there with its home queue as routing
key, waits out the queue's TTL and is dead-lettered through the default exchange back home.

The last thing declared is a mark that names the manifest. Relays publish nothing before they find it: an event sent
while half of the queues are bound would reach that half alone, and the broker would say that all is well.
"""

import asyncio
import hashlib
import os
import sys
import time
from collections.abc import Sequence

import aio_pika
from aio_pika.abc import AbstractChannel
from crm_contracts.catalogue import SERVICES
from crm_contracts.graph import READERS, Reader
from pamqp.common import FieldTable

from crm_chassis.backoff import Backoff
from crm_chassis.bus import (
    BUS_ERRORS,
    DEAD_EXCHANGE,
    EVENTS_EXCHANGE,
    PARKED_HOOKS_QUEUE,
    RETRY_DELAYS_S,
    dead_queue,
    retry_exchange,
)


def queues(readers: Sequence[Reader] = READERS, services: Sequence[str] = SERVICES) -> tuple[str, ...]:
    """The names of all queues there are."""
    ladder = (retry_exchange(step) for step in range(len(RETRY_DELAYS_S)))
    return (*(reader.queue for reader in readers), *map(dead_queue, services), *ladder, PARKED_HOOKS_QUEUE)


def mark(readers: Sequence[Reader] = READERS, services: Sequence[str] = SERVICES) -> str:
    """The exchange that exists, bound to nothing, once all of this manifest does."""
    bound = sorted(f"{reader.queue} {' '.join(sorted(reader.reads))}" for reader in readers)
    manifest = "\n".join((*sorted(queues(readers, services)), *bound))
    return f"crm.provisioned.{hashlib.sha256(manifest.encode()).hexdigest()[:12]}"


async def provision(amqp_url: str, readers: Sequence[Reader] = READERS, services: Sequence[str] = SERVICES) -> int:
    """Every exchange, queue and binding exists; safe to repeat. Returns the number of queues.

    Run before any publisher starts: a quorum queue declared seconds before a broker kill can lose messages.
    """
    connection = await aio_pika.connect(amqp_url, client_properties={"connection_name": "crm-provision"})
    async with connection:
        channel = await connection.channel()
        events = await channel.declare_exchange(EVENTS_EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        dead = await channel.declare_exchange(DEAD_EXCHANGE, aio_pika.ExchangeType.DIRECT, durable=True)
        count = 0
        for step, delay in enumerate(RETRY_DELAYS_S):
            await _declare_retry(channel, step, delay)
            count += 1
        for service in services:
            queue = await channel.declare_queue(dead_queue(service), durable=True, arguments=_quorum())
            for reader in readers:
                if reader.service == service:
                    await queue.bind(dead, routing_key=reader.queue)
            count += 1
        for reader in readers:
            queue = await channel.declare_queue(reader.queue, durable=True, arguments=_quorum(reader.queue))
            for type_ in reader.reads:
                await queue.bind(events, routing_key=type_)
            count += 1
        parked = _quorum() | {"x-single-active-consumer": True}
        await channel.declare_queue(PARKED_HOOKS_QUEUE, durable=True, arguments=parked)
        await channel.declare_exchange(mark(readers, services), aio_pika.ExchangeType.FANOUT, durable=True)
    return count + 1


async def empty(amqp_url: str) -> None:
    """Nothing waits in any queue; only for when no program runs and all their databases are made anew."""
    connection = await aio_pika.connect(amqp_url, client_properties={"connection_name": "crm-empty"})
    async with connection:
        channel = await connection.channel()
        for name in queues():
            queue = await channel.get_queue(name)
            await queue.purge()


async def _declare_retry(channel: AbstractChannel, step: int, delay_s: int) -> None:
    name = retry_exchange(step)
    exchange = await channel.declare_exchange(name, aio_pika.ExchangeType.FANOUT, durable=True)
    arguments = _quorum() | {
        "x-message-ttl": delay_s * 1000,
        "x-dead-letter-exchange": "",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    queue = await channel.declare_queue(name, durable=True, arguments=arguments)
    await queue.bind(exchange)


def _quorum(home: str | None = None) -> FieldTable:
    arguments: FieldTable = {"x-queue-type": "quorum"}
    if home:
        # The net under a consumer that crashes on one message again and again; ordinary failures climb the ladder.
        arguments = arguments | {
            "x-delivery-limit": 20,
            "x-dead-letter-exchange": DEAD_EXCHANGE,
            "x-dead-letter-routing-key": home,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
    return arguments


async def _provision_when_up(amqp_url: str, patience_s: float) -> int:
    backoff = Backoff(most_s=0.5)
    until = time.monotonic() + patience_s
    while True:
        try:
            return await provision(amqp_url)
        except BUS_ERRORS:
            if time.monotonic() > until:
                raise
            await backoff.wait()


def main() -> None:
    """`python -m crm_chassis.topology SECONDS|empty`: provision CRM_AMQP_URL, waiting so long for the broker to come
    up; or empty all its queues."""
    amqp_url, what = os.environ["CRM_AMQP_URL"], sys.argv[1] if len(sys.argv) > 1 else "0"
    if what == "empty":
        asyncio.run(empty(amqp_url))
    else:
        print(asyncio.run(_provision_when_up(amqp_url, float(what))))


if __name__ == "__main__":
    main()
