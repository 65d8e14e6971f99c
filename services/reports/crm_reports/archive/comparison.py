"""The command `reports.compare-archive`: a producer names what it has sent and hears what the archive lacks."""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from crm_chassis.attempts import Poison
from crm_chassis.bus import messages_in
from crm_chassis.context import Story, telling
from crm_chassis.database import Transaction
from crm_contracts.archive import ARCHIVE_QUEUE, PRODUCERS, CompareArchive, Resend, resend_queue
from crm_contracts.envelope import Envelope

from crm_reports.archive import repository

log = structlog.get_logger()


class Comparison:
    """Handles the command; `waiting` counts the messages nobody has archived yet."""

    def __init__(self, waiting: Callable[[], Awaitable[int]]) -> None:
        self._waiting = waiting

    @classmethod
    def on_bus(cls, amqp_url: str) -> "Comparison":
        """Counts on the broker itself."""
        return cls(partial(messages_in, amqp_url, ARCHIVE_QUEUE))

    async def __call__(self, tx: Transaction, event: Envelope) -> None:
        """The producer is told which of the ids are not archived, even when none is.

        Told nothing while the archive is behind: what is on its way is not missing, and the producer asks again.
        """
        asked = CompareArchive.model_validate(event.data)
        if asked.producer not in PRODUCERS:
            raise Poison(f"no events come from {asked.producer}")
        missing = await repository.missing(tx, asked.ids)
        if missing and await self._waiting():
            log.info("the archive is behind: the next comparison will tell", producer=asked.producer)
            return
        if missing:
            # What was taken from the queue a moment ago may be archived by now.
            missing = await repository.missing(tx, missing)
        answer = Resend(window_from=asked.window_from, window_to=asked.window_to, until=asked.until, ids=missing)
        with telling(Story.of_system(tx.service, event.correlationid)):
            tx.command(resend_queue(asked.producer), answer)
