"""The port for e-mail."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from crm_notifications.channels.outcome import Outcome


@dataclass(frozen=True, slots=True)
class OutgoingEmail:
    """A letter ready to go. `automatic`: no person pressed a button, so no machine should answer it."""

    id: UUID
    to: str
    subject: str
    text: str
    html: str | None
    automatic: bool


class EmailChannel(Protocol):
    """Sends e-mail."""

    async def send(self, email: OutgoingEmail) -> Outcome:
        """One attempt within the adapter's time limit. Raises nothing that says the mail was not taken."""
        ...
