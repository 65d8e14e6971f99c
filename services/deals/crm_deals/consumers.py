"""Messages in: each event goes to the use case that answers it."""

from datetime import timedelta

from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.effects import EventHandler
from crm_contracts.contacts import CALL_LINKED, CallLinked
from crm_contracts.deals import DEAL_STAGE_CHANGED, DealStageChanged, DealState
from crm_contracts.envelope import Envelope
from crm_contracts.telephony import CallState

from crm_deals.automation.service import stage_entered
from crm_deals.callbacks.service import Company, call_linked, call_reported
from crm_deals.settings import DealsSettings
from crm_deals.working_time.rules import add_working_minutes


def calls_reader(settings: DealsSettings) -> EventHandler:
    """What a call means for deals and call-backs of this company."""
    company = Company(
        due=lambda missed_at: add_working_minutes(missed_at, settings.callback_due_minutes, settings.working_hours),
        reminder=timedelta(minutes=settings.callback_reminder_minutes),
        currency=settings.currency,
    )

    async def on_call(tx: Transaction, event: Envelope) -> None:
        if event.type == CALL_LINKED:
            linked = CallLinked.model_validate(event.data)
            await call_linked(tx, linked, event.sequence, company, now())
        else:
            reported = CallState.model_validate(event.data)
            await call_reported(tx, reported, event.sequence, company, now())

    return on_call


async def on_stage_entered(tx: Transaction, event: Envelope) -> None:
    """A deal is in a stage it was not in before: rules of the stage run. What a slip brought back was there before."""
    if event.type == DEAL_STAGE_CHANGED and DealStageChanged.model_validate(event.data).corrects_entry_id:
        return
    await stage_entered(tx, DealState.model_validate(event.data), event.time, now())
