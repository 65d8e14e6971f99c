"""Command queue notifications.send-message."""

from collections.abc import Callable

from crm_chassis.attempts import Poison
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.effects import EventHandler
from crm_contracts.envelope import Envelope
from crm_contracts.notifications import SendMessage
from pydantic import ValidationError

from crm_notifications.house import House
from crm_notifications.messages import service


def send_message_handler(house: House, wake: Callable[[], None]) -> EventHandler:
    """The handler of the command; `wake` is called once a message is there to be sent."""

    async def send_message(tx: Transaction, event: Envelope) -> None:
        try:
            command = SendMessage.model_validate(event.data)
        except ValidationError as error:
            raise Poison(f"not a SendMessage: {error.error_count()} errors") from error
        await service.queue_by_command(tx, house, command, now())
        tx.after_commit(wake)

    return send_message
