"""A running service: its settings, its database, its loops, and whether it is well."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import sqlalchemy as sa
import structlog

from crm_chassis.access.tokens import TokenVerifier
from crm_chassis.backoff import Backoff
from crm_chassis.consumer import BatchConsumer
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, is_infrastructure
from crm_chassis.effects import Messages
from crm_chassis.metrics import LOOP_FAILURES
from crm_chassis.relay import Relay
from crm_chassis.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)

log = structlog.get_logger()


class Runtime(Generic[S]):
    """What routes and workers find on `app.state.runtime`."""

    def __init__(self, settings: S, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.verifier = TokenVerifier(settings.internal_public_key)
        self.stopping = asyncio.Event()
        self.relay: Relay | None = None
        self.readers: list[BatchConsumer | Messages] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._bells: dict[str, asyncio.Event] = {}
        self._bus_seen = False

    def bell(self, name: str) -> asyncio.Event:
        """A named in-process alarm: a use case sets it after its commit, a worker waits on it."""
        return self._bells.setdefault(name, asyncio.Event())

    def start(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """`loop` runs until the service stops; when it raises it is started again."""
        LOOP_FAILURES.labels(name)  # a loop that never failed shows its 0
        self._tasks.append(asyncio.create_task(self._keep(name, loop), name=name))

    async def stop(self) -> None:
        """Every loop has ended."""
        self.stopping.set()
        for task in reversed(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def health(self) -> dict[str, str]:
        """Each part with `ok` or what is wrong; `bus` counts only until it was reached once: writes work without it."""
        parts = {"database": "ok", "bus": "ok"}
        try:
            async with asyncio.timeout(2), self.database.read() as connection:
                await connection.execute(sa.text("SELECT 1"))
        except Exception as error:
            parts["database"] = type(error).__name__
        if all(await asyncio.gather(*(reader.reaches_bus() for reader in self.readers))):
            self._bus_seen = True
        else:
            parts["bus"] = "late" if self._bus_seen else "not connected yet"
        return parts

    async def _keep(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        backoff = Backoff()
        while True:
            try:
                with telling(Story.of_system(self.settings.service)):
                    await loop()
                return
            except Exception as error:
                LOOP_FAILURES.labels(name).inc()
                if is_infrastructure(error):
                    backoff.tell(log, "loop waits", loop=name, reason=type(error).__name__)
                else:
                    log.exception("loop failed", loop=name)
                await backoff.wait()
