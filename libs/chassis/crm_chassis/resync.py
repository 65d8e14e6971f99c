"""Resync: an owner streams the current state of one noun to one queue, so an emptied or new copy fills again."""

from collections.abc import Awaitable, Callable, Mapping

from crm_contracts.envelope import Envelope
from crm_contracts.resync import Resync

from crm_chassis.attempts import Poison
from crm_chassis.database import Transaction
from crm_chassis.effects import EventHandler

# Called with (tx, to_queue); calls tx.redirect(to_queue, …) for every row and `await tx.flush()` every thousand.
ResyncSource = Callable[[Transaction, str], Awaitable[None]]


def resync_handler(service: str, sources: Mapping[str, ResyncSource]) -> EventHandler:
    """The handler of queue <owner>.resync over the owner's nouns."""

    async def handle(tx: Transaction, event: Envelope) -> None:
        order = Resync.model_validate(event.data)
        if order.noun not in sources:
            raise Poison(f"{service} has no noun {order.noun}")
        await sources[order.noun](tx, order.to_queue)

    return handle
