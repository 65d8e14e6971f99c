"""PostgreSQL as the services use it: short transactions, autocommit reads, and the one place that commits.

Owns the engine, the transaction and what happens at its end (outbox flush, wake-ups). Must never know a table
of a service.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import sqlalchemy as sa
from crm_contracts.envelope import Lane
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from crm_chassis import outbox
from crm_chassis.context import current
from crm_chassis.writes import Writes, of_event

# Connection trouble, shutdown, out of resources, deadlock and serialisation: waiting helps, the data is not at fault.
_WAITING_HELPS = ("08", "53", "57P", "40001", "40P01", "55P03")


def is_infrastructure(error: BaseException) -> bool:
    """True when a part is away or overloaded, so the same work will succeed later unchanged."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_infrastructure(each) for each in error.exceptions)
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate).startswith(_WAITING_HELPS)
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state:
            return state.startswith(_WAITING_HELPS)
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return isinstance(error, OSError | PoolTimeout | TimeoutError | asyncpg.InterfaceError)


class Transaction:
    """One request's or message's transaction. Use cases read, write and record events; only its owner commits."""

    def __init__(self, connection: AsyncConnection, service: str) -> None:
        self.connection = connection
        self.service = service
        self._events: list[dict[str, Any]] = []
        self._callbacks: list[Callable[[], None]] = []
        self._writes: list[tuple[Writes, dict[str, Any]]] = []
        self.recorded = False

    async def execute(
        self,
        statement: sa.Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> sa.CursorResult[Any]:
        """Run a statement in this transaction."""
        return await self.connection.execute(statement, parameters)

    async def scalar(self, statement: sa.Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """First column of the first row, or None."""
        return await self.connection.scalar(statement, parameters)

    def at_end(self, writes: Writes, parameters: dict[str, Any]) -> None:
        """The writes are made when this transaction ends, with its event; nothing else in it sees them."""
        self._writes.append((writes, parameters))

    def record(
        self,
        type: str,
        *,
        subject: str,
        id: UUID,
        sequence: int,
        data: BaseModel,
        happened_at: datetime | None = None,
        lane: Lane | None = None,
    ) -> UUID:
        """The event is in the outbox when this transaction commits, and only then. Returns the event's id."""
        row = outbox.event_row(
            self.service,
            current(),
            type=type,
            subject=f"{subject}/{id}",
            sequence=sequence,
            data=data,
            happened_at=happened_at,
            lane=lane,
        )
        self._events.append(row)
        return UUID(str(row["event_id"]))

    def command(self, queue: str, data: BaseModel) -> None:
        """The order is sent to `queue` after this transaction commits."""
        self._events.append(outbox.command_row(self.service, current(), queue=queue, data=data))

    def redirect(self, queue: str, type: str, *, subject: str, id: UUID, sequence: int, data: BaseModel) -> None:
        """The event goes to one queue only, on the bulk lane: a resync, no news."""
        row = outbox.event_row(
            self.service,
            current(),
            type=type,
            subject=f"{subject}/{id}",
            sequence=sequence,
            data=data,
            lane=Lane.BULK,
        )
        self._events.append(row | {"queue": queue})

    def after_commit(self, callback: Callable[[], None]) -> None:
        """`callback` runs once the commit has succeeded; it must not raise."""
        self._callbacks.append(callback)

    async def flush(self) -> None:
        """Recorded events are rows now. Called before the commit, and before a savepoint is released."""
        if len(self._writes) == len(self._events) == 1:
            (writes, parameters), (event,) = self._writes[0], self._events
            self._writes, self._events, self.recorded = [], [], True
            await self.connection.execute(writes.with_event, parameters | of_event(event))
            return
        for writes, parameters in self._writes:
            await self.connection.execute(writes.alone, parameters)
        self._writes = []
        if self._events:
            self.recorded = True
            await self.connection.execute(outbox.INSERT, self._events)
            self._events = []

    def forget(self) -> None:
        """What was recorded and not flushed is dropped: the savepoint it belonged to was rolled back."""
        self._events = []
        self._callbacks = []
        self._writes = []

    def committed(self) -> None:
        """Run what waits for the commit. For Database only."""
        for callback in self._callbacks:
            callback()


class Database:
    """One service's database: an engine, transactions and reads."""

    def __init__(self, url: str, service: str, *, pool_size: int = 8, pool_overflow: int = 4) -> None:
        self.url = url
        self.service = service
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_overflow,
            pool_timeout=10,
            hide_parameters=True,  # an error's text goes to the log, and parameters are people's data
            json_serializer=lambda value: orjson.dumps(value, default=str).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "server_settings": {"application_name": f"crm-{service}", "jit": "off"},
                # More than a service has distinct statements: preparing one again costs more than running it.
                "prepared_statement_cache_size": 500,
            },
        )
        self._reads = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._on_recorded: Callable[[], None] | None = None

    def on_recorded(self, callback: Callable[[], None]) -> None:
        """`callback` runs after each commit that recorded events: the relay's alarm clock."""
        self._on_recorded = callback

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Committed when the block ends well, rolled back when it raises. The only place that commits."""
        async with self.engine.connect() as connection:
            tx = Transaction(connection, self.service)
            begun = await connection.begin()
            try:
                yield tx
                await tx.flush()
                await begun.commit()
            except BaseException:
                if begun.is_active:
                    await begun.rollback()
                raise
        tx.committed()
        if tx.recorded and self._on_recorded:
            self._on_recorded()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """An autocommit connection: no BEGIN, no COMMIT, for reads only."""
        async with self._reads.connect() as connection:
            yield connection

    async def close(self) -> None:
        """All pooled connections are closed."""
        await self.engine.dispose()
