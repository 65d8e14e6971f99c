"""Asking an owner to stream its current state to one queue: how an emptied copy fills again."""

import aio_pika
from crm_chassis.clock import now
from crm_chassis.context import Story
from crm_chassis.outbox import command_row, wire_body
from crm_contracts.envelope import CONTENT_TYPE
from crm_contracts.graph import READERS
from crm_contracts.resync import Resync, resync_queue

from crm_runner.databases import run_sync
from crm_runner.errors import RunnerError

_SENDER = "crm"


def ask(amqp_url: str, owner: str, noun: str, to_queue: str) -> None:
    """The order is in the owner's queue, confirmed; RunnerError when the graph has no such owner or copy."""
    queue = resync_queue(owner)
    if queue not in {reader.queue for reader in READERS}:
        owners = sorted(reader.service for reader in READERS if reader.queue.endswith(".resync"))
        raise RunnerError(f"{owner} has nothing to resync: name one of {', '.join(owners)}")
    copies = sorted(reader.queue for reader in READERS if reader.kind != "command")
    if to_queue not in copies:
        raise RunnerError(f"no copy reads {to_queue}: name one of {', '.join(copies)}")
    run_sync(_publish(amqp_url, queue, Resync(noun=noun, to_queue=to_queue)))


async def _publish(amqp_url: str, queue: str, order: Resync) -> None:
    row = command_row(_SENDER, Story.of_system(_SENDER), queue=queue, data=order)
    message = aio_pika.Message(
        wire_body(row["body"], now()),
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(row["event_id"]),
        type=queue,
    )
    async with await aio_pika.connect(amqp_url, client_properties={"connection_name": "crm-resync"}) as bus:
        channel = await bus.channel(on_return_raises=True)
        await channel.default_exchange.publish(message, queue, mandatory=True)
