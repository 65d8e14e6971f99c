"""Resync: an owner streams the current state of one noun to one queue, so an emptied or new copy fills again.

A portion is one transaction. The order for the next one follows it through the outbox on the bulk lane, so no more
than a portion waits there, and a process that dies in the middle is carried on for.
"""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from crm_contracts.envelope import Envelope, Lane
from crm_contracts.resync import Resync, resync_queue

from crm_chassis.attempts import Poison
from crm_chassis.context import Story, telling
from crm_chassis.database import Transaction
from crm_chassis.effects import EventHandler
from crm_chassis.replay import first_time

PORTION = 1_000

# Called with (tx, to_queue, after): redirects up to PORTION rows with ids above `after` (from the first when None),
# in order of id, and answers the last id; None when there are no more.
ResyncSource = Callable[[Transaction, str, UUID | None], Awaitable[UUID | None]]


def resync_handler(service: str, sources: Mapping[str, ResyncSource]) -> EventHandler:
    """The handler of queue <owner>.resync over the owner's nouns."""

    async def handle(tx: Transaction, event: Envelope) -> None:
        order = Resync.model_validate(event.data)
        if order.noun not in sources:
            raise Poison(f"{service} has no noun {order.noun}")
        if not await first_time(tx, event):
            return
        last = await sources[order.noun](tx, order.to_queue, order.after)
        if last is not None:
            with telling(Story.of_system(service, event.correlationid, lane=Lane.BULK)):
                tx.command(resync_queue(service), order.model_copy(update={"after": last}))

    return handle
