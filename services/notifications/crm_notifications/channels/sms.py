"""The port for SMS."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from crm_notifications.channels.outcome import Outcome


@dataclass(frozen=True, slots=True)
class OutgoingSms:
    """A text ready to go. `id` names this attempt; the gateway repeats it in its receipts. `to` is E.164."""

    id: UUID
    to: str
    text: str


class SmsChannel(Protocol):
    """Sends SMS."""

    async def send(self, sms: OutgoingSms) -> Outcome:
        """One attempt within the adapter's time limit. Raises nothing that says the text was not taken."""
        ...
