"""The folding worker: woken by a webhook's commit, and looking by itself, so that a kill in between loses nothing."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from crm_chassis.clock import now
from crm_chassis.database import Database, is_infrastructure
from crm_chassis.metrics import counter, histogram
from crm_chassis.runtime import Runtime

from crm_telephony.calls.folding import Patience, fold_call
from crm_telephony.calls.repository import Row
from crm_telephony.dialing.outcome import told_by_pbx
from crm_telephony.hooks import repository as hooks
from crm_telephony.numbers.rules import normalise
from crm_telephony.settings import TelephonySettings

BELL = "webhooks"
POLL_S = 0.25
_AT_ONCE = 4
_BATCH = 64
_ANY_NUMBER = "+38612345678"

FOLD_SECONDS = histogram(
    "telephony_fold_seconds",
    "Time to fold the waiting webhooks of one call",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3),
)
FOLD_FAILURES = counter("telephony_fold_failures", "Folds that failed and will be tried again")

log = structlog.get_logger()


def patience_of(settings: TelephonySettings) -> Patience:
    """How long calls may be silent."""
    return Patience(
        settle_s=settings.settle_after_s,
        ring_s=settings.stale_ring_s,
        talk_s=settings.stale_talk_s,
        request_s=settings.stale_request_s,
    )


async def fold_webhooks(runtime: Runtime[TelephonySettings]) -> None:
    """Webhooks become calls until the service stops."""
    bell = runtime.bell(BELL)
    patience = patience_of(runtime.settings)
    # The first ring must not wait for the metadata of the world's telephone numbers.
    await asyncio.to_thread(normalise, _ANY_NUMBER, runtime.settings.default_region)
    while True:
        bell.clear()
        if not await fold_waiting(runtime.database, patience):
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await bell.wait()


async def fold_waiting(database: Database, patience: Patience) -> bool:
    """The longest waiting calls are folded; True when there may be more than were looked at."""
    async with database.read() as connection:
        waiting = await hooks.pending(connection, _BATCH)
    for start in range(0, len(waiting), _AT_ONCE):
        await _fold_some(database, patience, waiting[start : start + _AT_ONCE])
    return len(waiting) == _BATCH


async def _fold_some(database: Database, patience: Patience, rows: Sequence[Row]) -> None:
    outcomes = await asyncio.gather(*(_fold(database, patience, row) for row in rows), return_exceptions=True)
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome is None:
            continue
        if isinstance(outcome, BaseException) and (not isinstance(outcome, Exception) or is_infrastructure(outcome)):
            raise outcome
        FOLD_FAILURES.inc()
        log.error("fold failed", vendor_call_id=row.vendor_call_id, exc_info=outcome)
        async with database.transaction() as tx:
            await hooks.put_off(tx, row.connection_id, row.vendor_call_id, row.command_id, type(outcome).__name__)


async def _fold(database: Database, patience: Patience, row: Row) -> None:
    with FOLD_SECONDS.time():
        async with database.transaction() as tx:
            if row.vendor_call_id is not None:
                await fold_call(tx, patience, row.connection_id, row.vendor_call_id, now())
            else:
                await told_by_pbx(tx, patience, row.connection_id, row.command_id, now())
