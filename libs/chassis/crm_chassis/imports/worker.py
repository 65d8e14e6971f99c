"""Works through import jobs, one step after the other; several processes share them by SKIP LOCKED."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from crm_contracts.envelope import Lane

from crm_chassis.access.grants import RightsNow, principal_now
from crm_chassis.backoff import Backoff
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, is_infrastructure
from crm_chassis.imports import repository
from crm_chassis.imports.ending import finish
from crm_chassis.imports.kinds import Kind
from crm_chassis.imports.steps import step
from crm_chassis.metrics import LOOP_FAILURES
from crm_chassis.runtime import Runtime

BELL = "imports"
POLL_S = 1.0
DEEP_OUTBOX = 20_000
"""Events that wait to be published before importers wait for the relay."""

log = structlog.get_logger()


def imports(kinds: Sequence[Kind], rights_now: RightsNow = principal_now) -> Callable[[Runtime[Any]], Awaitable[None]]:
    """The worker of a service that imports these kinds; `rights_now` says what who imports may do at each step."""
    by_name = {kind.name: kind for kind in kinds}

    async def run_imports(runtime: Runtime[Any]) -> None:
        """Step by step: at once when a person asked for something here, each second when it was elsewhere."""
        LOOP_FAILURES.labels("imports")
        bell = runtime.bell(BELL)
        backoff = Backoff()
        while True:
            try:
                # Cleared before the look: what is committed after it rings again.
                bell.clear()
                while await do_next(runtime.database, by_name, rights_now):
                    backoff.reset()
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await bell.wait()
            except Exception as error:
                if not is_infrastructure(error):
                    LOOP_FAILURES.labels("imports").inc()
                    log.exception("imports failed")
                await backoff.wait()

    return run_imports


async def do_next(database: Database, kinds: dict[str, Kind], rights_now: RightsNow = principal_now) -> bool:
    """One step of one job is done; False when no job has work, or while too much waits to be published."""
    async with database.transaction() as tx:
        job = await repository.claim(tx, kinds)
        if job is None or (job.state != "reading" and await repository.outbox_is_deep(tx, DEEP_OUTBOX)):
            return False
        story = Story(actor=f"user:{job.user_id}", correlation_id=job.correlation_id, lane=Lane.BULK)
        with telling(story):
            try:
                async with tx.connection.begin_nested():
                    await step(tx, job, kinds[job.kind], now(), rights_now)
                    await tx.flush()
            except Exception as error:
                if is_infrastructure(error):
                    raise
                # Tried again it would fail again, and stand before every other job.
                log.exception("import failed", import_id=str(job.id), state=job.state)
                tx.forget()
                await finish(tx, job, "failed", now(), {"code": "internal_error", "message": "Something broke."})
    return True
