"""Reader notifications.notices: facts about tasks become notices."""

from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_contracts.deals import TaskState
from crm_contracts.envelope import Envelope

from crm_notifications.notices import service


async def on_task(tx: Transaction, event: Envelope) -> None:
    """Owner and lead know what the fact means for them."""
    await service.notify(tx, event.type, TaskState.model_validate(event.data), event.actor, now())
