"""Calls whose end the PBX never told: closed by timers, corrected if it tells later after all."""

from datetime import datetime, timedelta
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.metrics import counter
from crm_chassis.schedule import Due, DueHandler, schedule

from crm_telephony.calls import repository
from crm_telephony.calls.fold import Closing
from crm_telephony.calls.folding import SETTLE, SWEEP, Patience, fold_call, fold_ordered

CLOSED = counter("telephony_calls_closed", "Calls closed by a timer, their end never told", ["how"])

_TIMERS: dict[Closing, str] = {"settled": SETTLE, "swept": SWEEP}
_BUSY = timedelta(seconds=1)


def due_handlers(patience: Patience) -> dict[str, DueHandler]:
    """`call.settle`: all legs have ended and no final word came; `call.sweep`: nothing was heard for too long."""

    async def settle(tx: Transaction, due: Due) -> None:
        await close(tx, patience, UUID(due.key), "settled", now())

    async def sweep(tx: Transaction, due: Due) -> None:
        await close(tx, patience, UUID(due.key), "swept", now())

    return {SETTLE: settle, SWEEP: sweep}


async def close(tx: Transaction, patience: Patience, id: UUID, how: Closing, at: datetime) -> None:
    """The call is ended, unless it has ended or begun anew meanwhile.

    Waits for no lock (a fold holding one may be waiting for this timer's row): a busy call is looked at later.
    """
    row = await repository.by_id(tx.connection, id)
    if row is None or row.phase == "ended":
        return
    free = row.vendor_call_id is None or await repository.try_lock_key(tx, row.connection_id, row.vendor_call_id)
    row = await repository.locked_if_free(tx, id) if free else None
    if row is None:
        await schedule(tx, _TIMERS[how], str(id), at + _BUSY)
        return
    if row.phase == "ended" or (how == "settled" and not await _all_legs_ended(tx, id)):
        return
    CLOSED.labels(how).inc()
    if row.vendor_call_id is None:
        await fold_ordered(tx, patience, row, at, closing=how)
    else:
        await fold_call(tx, patience, row.connection_id, row.vendor_call_id, at, closing=how)


async def _all_legs_ended(tx: Transaction, id: UUID) -> bool:
    legs = await repository.legs(tx.connection, id)
    return bool(legs) and all(leg.ended_at is not None for leg in legs)
