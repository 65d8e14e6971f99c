"""Messages in: the same use cases the tests call."""

from collections.abc import Sequence

from crm_chassis.database import Transaction
from crm_contracts.envelope import Envelope
from crm_contracts.telephony import CallState

from crm_contacts.capture import service as capture
from crm_contacts.timeline import rebuild
from crm_contacts.timeline import service as timeline


async def capture_call(tx: Transaction, event: Envelope) -> None:
    """Any event of a call may be the first heard of it."""
    await capture.capture(tx, CallState.model_validate(event.data))


async def keep_history(tx: Transaction, events: Sequence[Envelope]) -> None:
    """The timeline holds what the events tell."""
    await timeline.keep(tx, events)


async def rebuild_history(tx: Transaction, event: Envelope) -> None:
    """The timeline is being made anew."""
    await rebuild.begin(tx, event)


async def take_replay(tx: Transaction, events: Sequence[Envelope]) -> None:
    """The timeline being made holds what the archive tells."""
    await rebuild.take(tx, events)
