"""What the tests of this service share: scripted channels, principals, cards of people."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.schedule import Scheduler
from crm_chassis.testing import Harness, admin, salesperson
from crm_contracts.contacts import PERSON_CREATED
from crm_contracts.notifications import SEND_MESSAGE, SendMessage, SendMessagePii
from crm_notifications.addresses.consumers import apply_people
from crm_notifications.channels.email import OutgoingEmail
from crm_notifications.channels.outcome import Outcome
from crm_notifications.channels.sms import OutgoingSms
from crm_notifications.house import House
from crm_notifications.messages.consumers import send_message_handler
from crm_notifications.sending.service import LEASE, RETRY, end_lease, end_pause
from crm_notifications.sending.worker import Channels, Pace, Sender

NOUNS = ("message", "template", "notice", "person")
HOUSE = House("Okna d.o.o.", "en")
TOKEN, SECRET = "receipt-token", "receipt-secret"


@dataclass
class Scripted:
    """Both channels: answers as the test says for an address, else accepts; remembers what was sent."""

    answers: dict[str, list[Outcome | Exception]] = field(default_factory=dict)
    emails: list[OutgoingEmail] = field(default_factory=list)
    texts: list[OutgoingSms] = field(default_factory=list)

    @property
    def channels(self) -> Channels:
        """As the sender uses them."""
        return Channels(email=_Email(self), sms=_Sms(self))

    def answer(self, to: str) -> Outcome:
        """The next scripted answer for the address."""
        waiting = self.answers.get(to)
        outcome = waiting.pop(0) if waiting else Outcome.accepted("gw-1")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@dataclass
class _Email:
    script: Scripted

    async def send(self, email: OutgoingEmail) -> Outcome:
        self.script.emails.append(email)
        return self.script.answer(email.to)


@dataclass
class _Sms:
    script: Scripted

    async def send(self, sms: OutgoingSms) -> Outcome:
        self.script.texts.append(sms)
        return self.script.answer(sms.to)


def boss() -> Principal:
    """May do everything here."""
    return admin(NOUNS)


def seller(id: UUID | None = None) -> Principal:
    """Own rows."""
    return salesperson(NOUNS, id=id)


def person_data(id: UUID, **changes: Any) -> dict[str, Any]:
    """A PersonState as contacts sends it."""
    phones = changes.pop("phones", ["+38640111222"])
    emails = changes.pop("emails", [f"{id.hex}@example.com"])
    pii = {
        "name": changes.pop("name", "Ana Kovač"),
        "phones": [{"id": str(new_id()), "e164": phone, "raw": phone, "kind": "mobile"} for phone in phones],
        "emails": [{"id": str(new_id()), "address": email} for email in emails],
    }
    base: dict[str, Any] = {
        "id": str(id),
        "company_id": None,
        "owner_id": None,
        "owner_source": "rule",
        "source": "call",
        "locale": "sl",
        "created_at": "2026-11-21T10:00:00Z",
        "updated_at": "2026-11-21T10:00:00Z",
        "version": 1,
        "changed": [],
        "pii": pii,
    }
    return base | changes


async def card(harness: Harness, id: UUID | None = None, **changes: Any) -> UUID:
    """A person the addresses copy knows, put there by its own reader."""
    person = id or new_id()
    event = harness.event(
        PERSON_CREATED, person_data(person, **changes), subject="person", id=person, sequence=changes.get("version", 1)
    )
    with telling(Story.of_system("notifications")):
        async with harness.database.transaction() as tx:
            await apply_people(tx, [event])
    return person


def order(person: UUID, **changes: Any) -> SendMessage:
    """The command of an automation rule."""
    variables = changes.pop("variables", {})
    base: dict[str, Any] = {
        "dedupe_key": f"auto:{new_id()}",
        "channel": "email",
        "template_key": "measuring_booked",
        "person_id": person,
        "pii": SendMessagePii(variables=variables),
    }
    return SendMessage(**(base | changes))


async def command(harness: Harness, given: SendMessage, correlation_id: UUID | None = None) -> None:
    """The command is handled as from the bus, at once."""
    handle = send_message_handler(HOUSE, lambda: None)
    event = harness.event(
        SEND_MESSAGE, given, subject="command", id=new_id(), sequence=0, correlation_id=correlation_id
    )
    with telling(Story.caused_by(event, "notifications")):
        async with harness.database.transaction() as tx:
            await handle(tx, event)


def sender(harness: Harness, script: Scripted, *, lease_s: float = 60, pauses_s: tuple[float, ...] = (0, 0)) -> Sender:
    """A sender a test drives by hand. Pauses of 0 s are due at once."""
    pace = Pace(timedelta(seconds=lease_s), tuple(timedelta(seconds=pause) for pause in pauses_s), 0.05)
    return Sender(harness.database, script.channels, pace, asyncio.Event())


async def do_due(harness: Harness) -> int:
    """All work that is due is done, as the scheduler does it; how much there was."""
    scheduler = Scheduler(harness.database, {LEASE: end_lease, RETRY: end_pause})
    done = 0
    while await scheduler.do_next():
        done += 1
    return done


async def only_message(harness: Harness) -> dict[str, Any]:
    """The one message there is."""
    (row,) = await harness.rows("SELECT * FROM message")
    return row


async def told(harness: Harness) -> list[tuple[str, int]]:
    """What was told of messages: (past verb, sequence), in the order of recording."""
    events = [event for event in await harness.recorded() if event.type.startswith("notifications.message.")]
    return [(event.type.split(".")[2], event.sequence) for event in events]
