"""The projector: takes in what was archived as soon as it was, and finishes rebuilds."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from crm_chassis.clock import now
from crm_chassis.database import Database
from crm_chassis.metrics import gauge
from crm_chassis.runtime import Runtime

from crm_reports.archive import repository as archive
from crm_reports.projections import repository, service

LAG_EVENTS = gauge("reports_projector_lag_events", "Archived events no figure shows yet")
LAG_SECONDS = gauge("reports_projector_lag_seconds", "Age of the oldest archived event no figure shows yet")
REJECTED = gauge("reports_rejected", "Archived events whose data no figure could read")

# The net under a signal that was not heard: another process archived it.
_POLL_S = 1.0


class Projector:
    """Figures follow the archive; `wake` makes them follow at once."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was archived."""
        self._woken.set()

    async def follow_archive(self, runtime: Runtime[Any]) -> None:
        """Take in what is archived, until cancelled."""
        measured_at = 0.0
        while True:
            self._woken.clear()
            moved = await service.catch_up(runtime.database)
            if time.monotonic() - measured_at > _POLL_S:
                measured_at = time.monotonic()
                await measure(runtime.database)
            if moved or await service.purge_retired(runtime.database):
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_S):
                    await self._woken.wait()


async def measure(database: Database) -> None:
    """The lag gauges tell how far the live generation is behind the archive."""
    async with database.read() as connection:
        live = await repository.live(connection)
        position, _ = await archive.head_and_conflicts(connection)
        REJECTED.set(await repository.rejected(connection))
        waiting = None
        if live.completed < position:
            waiting = await archive.archived_at(connection, live.completed + 1)
    LAG_EVENTS.set(position - live.completed)
    LAG_SECONDS.set((now() - waiting).total_seconds() if waiting else 0)
