"""Orders an administrator gives the services over the bus: fill a copy again, compare, rebuild a history."""

from datetime import datetime

import aio_pika
from crm_chassis.clock import now
from crm_chassis.context import Story
from crm_chassis.outbox import command_row, wire_body
from crm_contracts.archive import PRODUCERS, REBUILD_TIMELINE, RebuildTimeline, Resend, resend_queue
from crm_contracts.envelope import CONTENT_TYPE
from crm_contracts.graph import READERS
from crm_contracts.resync import Resync, resync_queue
from pydantic import BaseModel

from crm_runner.databases import run_sync
from crm_runner.errors import RunnerError

_SENDER = "crm"
_REPLAYS: dict[str, tuple[str, BaseModel]] = {"timeline": (REBUILD_TIMELINE, RebuildTimeline())}


def resync(amqp_url: str, owner: str, noun: str, to_queue: str) -> None:
    """The order is in the owner's queue, confirmed; RunnerError when the graph has no such owner or copy."""
    queue = resync_queue(owner)
    if queue not in {reader.queue for reader in READERS}:
        owners = sorted(reader.service for reader in READERS if reader.queue.endswith(".resync"))
        raise RunnerError(f"{owner} has nothing to resync: name one of {', '.join(owners)}")
    copies = sorted(reader.queue for reader in READERS if reader.kind != "command")
    if to_queue not in copies:
        raise RunnerError(f"no copy reads {to_queue}: name one of {', '.join(copies)}")
    run_sync(_publish(amqp_url, queue, Resync(noun=noun, to_queue=to_queue)))


def compare_archive(amqp_url: str, since: datetime) -> None:
    """Every producer was told to compare what it has recorded since then, and sent, with the archive."""
    begin = Resend(window_from=since, window_to=since, until=now(), ids=[])
    for producer in PRODUCERS:
        run_sync(_publish(amqp_url, resend_queue(producer), begin))


def replay(amqp_url: str, history: str) -> None:
    """The owner of the history was told to make it anew from the archive; RunnerError when there is no such history."""
    if history not in _REPLAYS:
        raise RunnerError(f"{history} is not made from the archive: name one of {', '.join(sorted(_REPLAYS))}")
    run_sync(_publish(amqp_url, *_REPLAYS[history]))


async def _publish(amqp_url: str, queue: str, order: BaseModel) -> None:
    row = command_row(_SENDER, Story.of_system(_SENDER), queue=queue, data=order)
    message = aio_pika.Message(
        wire_body(row["body"], now()),
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(row["event_id"]),
        type=queue,
    )
    async with await aio_pika.connect(amqp_url, client_properties={"connection_name": "crm-orders"}) as bus:
        channel = await bus.channel(on_return_raises=True)
        await channel.default_exchange.publish(message, queue, mandatory=True)
