"""The composition root of notifications: the only file that joins settings, channels, readers and routes.

Owns the wiring and nothing else; connects to nothing until the chassis runs it.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from crm_chassis.effects import Effect
from crm_chassis.runtime import Runtime
from crm_chassis.service import Wiring

from crm_notifications.adapters.http_sms import HttpSms
from crm_notifications.adapters.smtp import SmtpEmail
from crm_notifications.addresses.consumers import apply_people
from crm_notifications.house import House
from crm_notifications.measures import measure
from crm_notifications.messages.api import messages_router
from crm_notifications.messages.consumers import send_message_handler
from crm_notifications.notices import api as notices
from crm_notifications.notices.consumers import on_task
from crm_notifications.receipts.api import receipts_router
from crm_notifications.sending import service as sending
from crm_notifications.sending.worker import Channels, Pace, Sender
from crm_notifications.settings import NotificationsSettings
from crm_notifications.templates import service as templates
from crm_notifications.templates.api import templates_router


def wiring(settings: NotificationsSettings, channels: Channels | None = None) -> Wiring:
    """The service; `channels` stand in for those the settings name."""
    house = House(settings.company_name, settings.locale)
    bell = asyncio.Event()
    ways_out = channels or channels_of(settings)
    pace = Pace(timedelta(seconds=settings.send_lease_s), settings.send_pauses(), settings.send_poll_s)

    async def send_messages(runtime: Runtime[Any]) -> None:
        await Sender(runtime.database, ways_out, pace, bell).run()

    return Wiring(
        name="notifications",
        migrations=Path(__file__).parents[1] / "migrations",
        routers=[templates_router(house), messages_router(house, bell.set), notices.router],
        root_routers=[receipts_router(settings)],
        batches={"notifications.addresses": apply_people},
        effects={"notifications.notices": Effect(on_task, late_after=timedelta(hours=1))},
        commands={"notifications.send-message": send_message_handler(house, bell.set)},
        due={sending.LEASE: sending.end_lease, sending.RETRY: sending.end_pause},
        workers=[send_messages] * settings.senders,
        measures=[measure],
        bootstrap=templates.bootstrap,
    )


def channels_of(settings: NotificationsSettings) -> Channels:
    """The adapters of the channels the company has set up; ValueError for an address that is none."""
    email = sms = None
    if settings.smtp_url is not None:
        email = SmtpEmail(settings.smtp_url.get_secret_value(), settings.mail_from, timeout_s=settings.send_timeout_s)
    if settings.sms_url is not None:
        sms = HttpSms(
            settings.sms_url,
            settings.sms_api_key.get_secret_value(),
            settings.sms_sender,
            timeout_s=settings.send_timeout_s,
        )
    return Channels(email, sms)
