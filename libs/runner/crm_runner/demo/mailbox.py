"""A mail server that keeps what it gets, in memory: the customers' mailboxes of the demo and the tests."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller


class Mailbox:
    """Takes mail on the address of an smtp:// URL while it is open."""

    def __init__(self, smtp_url: str) -> None:
        parts = urlsplit(smtp_url)
        self.messages: list[EmailMessage] = []
        self._controller = Controller(self, hostname=parts.hostname, port=parts.port or 25)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """One mail has come."""
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address."""
        return [message for message in list(self.messages) if address in str(message["To"])]

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
