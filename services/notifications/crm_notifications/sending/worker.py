"""The loop that sends. Any number of them may run, in any number of processes."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from crm_chassis.backoff import Backoff
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, is_infrastructure

from crm_notifications.channels.email import EmailChannel, OutgoingEmail
from crm_notifications.channels.outcome import Outcome
from crm_notifications.channels.sms import OutgoingSms, SmsChannel
from crm_notifications.sending import service

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Channels:
    """Where messages leave; None is a channel the company has not set up."""

    email: EmailChannel | None
    sms: SmsChannel | None

    async def send(self, attempt_id: UUID, row: sa.Row[Any]) -> Outcome:
        """One attempt through the message's channel.

        An e-mail keeps its Message-ID over attempts, so that mailboxes show a resent one once; an SMS is named by the
        attempt, so that a gateway which honours our ids does not swallow a person's resend.
        """
        if row.channel == "sms":
            if self.sms is None:
                return Outcome.refused("channel_not_set_up", "CRM_SMS_URL is not set")
            return await self.sms.send(OutgoingSms(attempt_id, row.to_address, row.text))
        if self.email is None:
            return Outcome.refused("channel_not_set_up", "CRM_SMTP_URL is not set")
        return await self.email.send(
            OutgoingEmail(row.id, row.to_address, row.subject, row.text, row.html, row.automatic)
        )


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take: see the settings of the same names."""

    lease: timedelta
    pauses: tuple[timedelta, ...]
    poll_s: float


class Sender:
    """Sends one message at a time until cancelled; one under way is finished first."""

    def __init__(self, database: Database, channels: Channels, pace: Pace, bell: asyncio.Event) -> None:
        self._database = database
        self._channels = channels
        self._pace = pace
        self._bell = bell

    async def run(self) -> None:
        """Send what waits, then look again when the bell rings or the poll is due."""
        backoff = Backoff()
        while True:
            try:
                self._bell.clear()
                while await _to_its_end(self.send_next()):
                    backoff.reset()
                await self._idle()
            except Exception as error:
                if not is_infrastructure(error):
                    log.exception("sender failed")
                await backoff.wait()

    async def send_next(self) -> bool:
        """One message is sent, or whatever became of the attempt is recorded; False when none waits."""
        with telling(Story.of_system(self._database.service)):
            async with self._database.transaction() as tx:
                taken = await service.take(tx, self._pace.lease, now())
            if taken is None:
                return False
            if taken.row is not None:
                outcome = await self._attempt(taken.attempt_id, taken.row)
                await self._record(taken.attempt_id, outcome)
        return True

    async def _attempt(self, attempt_id: UUID, row: sa.Row[Any]) -> Outcome:
        try:
            async with asyncio.timeout(self._pace.lease.total_seconds()):
                return await self._channels.send(attempt_id, row)
        except Exception as error:
            # An adapter that breaks its promise says nothing about whether the message left.
            log.exception("attempt broke", channel=row.channel, message_id=str(row.id))
            return Outcome.unknown("adapter_error", type(error).__name__)

    async def _record(self, attempt_id: UUID, outcome: Outcome) -> None:
        """The answer is recorded though the database be away: nobody else knows it.

        After another lease it is given up, with a line in the log: by then the message is uncertain.
        """
        backoff = Backoff()
        given_up_at = now() + self._pace.lease
        while True:
            try:
                async with self._database.transaction() as tx:
                    await service.record_answer(tx, attempt_id, outcome, self._pace.pauses, now())
                return
            except Exception as error:
                if not is_infrastructure(error) or now() > given_up_at:
                    log.error("answer lost", attempt_id=str(attempt_id), answer=outcome.answer.value)
                    raise
                await backoff.wait()

    async def _idle(self) -> None:
        try:
            async with asyncio.timeout(self._pace.poll_s):
                await self._bell.wait()
        except TimeoutError:
            return


async def _to_its_end(work: Coroutine[Any, Any, bool]) -> bool:
    """The result of `work`, which a cancellation of the caller waits for instead of cutting it off."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
