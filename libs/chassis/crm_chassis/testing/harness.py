"""One service, really running: its app with lifespan, its database, its queues, and eyes on what it records."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import aio_pika
import httpx
import orjson
import sqlalchemy as sa
from crm_contracts.envelope import CONTENT_TYPE, Envelope, Lane
from fastapi import FastAPI
from pydantic import BaseModel

from crm_chassis import bus, topology
from crm_chassis.access.principal import Principal
from crm_chassis.access.tokens import TokenSigner, new_key_pair
from crm_chassis.clock import now
from crm_chassis.database import Database
from crm_chassis.ids import new_id
from crm_chassis.outbox import wire_body
from crm_chassis.runtime import Runtime
from crm_chassis.service import Wiring, create_app
from crm_chassis.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


async def eventually(check: Callable[[], Any | Awaitable[Any]], timeout: float = 15.0) -> Any:
    """The first truthy result of `check`, asked again and again; AssertionError when the time is up."""
    deadline = asyncio.get_running_loop().time() + timeout
    while True:
        result = check()
        if inspect.isawaitable(result):
            result = await result
        if result:
            return result
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {timeout} s: {inspect.getsource(check).strip()[:300]}")
        await asyncio.sleep(0.02)


class Harness:
    """Hands and eyes of a test."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, runtime: Runtime[Any], signer: TokenSigner) -> None:
        self.app = app
        self.client = client
        self.runtime = runtime
        self.database: Database = runtime.database
        self.signer = signer

    def headers(self, principal: Principal, **more: str) -> dict[str, str]:
        """The headers of a request made by `principal` through the gateway; `if_match="3"` becomes If-Match."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.signer.sign(principal)}"} | named

    def event(
        self,
        type: str,
        data: BaseModel | dict[str, Any],
        *,
        subject: str,
        id: UUID,
        sequence: int = 1,
        time: datetime | None = None,
        recordedtime: datetime | None = None,
        lane: Lane = Lane.LIVE,
        replay: bool = False,
        correlation_id: UUID | None = None,
    ) -> Envelope:
        """An event as another service would send it."""
        happened = time or now()
        return Envelope(
            id=new_id(),
            source=f"/{type.partition('.')[0]}",
            type=type,
            subject=f"{subject}/{id}",
            time=happened,
            recordedtime=recordedtime or happened,
            sequence=sequence,
            actor="system:test",
            correlationid=correlation_id or new_id(),
            lane=lane,
            replay=replay,
            data=data.model_dump(mode="json") if isinstance(data, BaseModel) else data,
        )

    async def deliver(self, *events: Envelope, queue: str | None = None) -> None:
        """The broker has confirmed the events, in this order; `queue` sends to one reader only."""
        connection = await aio_pika.connect(self.runtime.settings.amqp_url)
        async with connection:
            channel = await connection.channel()
            exchange = channel.default_exchange
            if queue is None:
                exchange = await channel.get_exchange(bus.EVENTS_EXCHANGE)
            for event in events:
                message = aio_pika.Message(
                    event.model_dump_json().encode(),
                    content_type=CONTENT_TYPE,
                    message_id=str(event.id),
                    type=event.type,
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                )
                await exchange.publish(message, routing_key=queue or event.type)

    async def recorded(self, type: str | None = None) -> list[Envelope]:
        """Every event (of one type) this service has recorded so far, oldest first, commands included."""
        query = sa.text(
            "SELECT id, body, recorded_at FROM outbox "
            "UNION ALL SELECT id, body, recorded_at FROM outbox_sent ORDER BY id"
        )
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        events = [Envelope.model_validate(orjson.loads(wire_body(row.body, row.recorded_at))) for row in rows]
        return [event for event in events if type is None or event.type == type]

    async def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a SQL query."""
        async with self.database.read() as connection:
            return [dict(row) for row in (await connection.execute(sa.text(query), parameters)).mappings()]

    async def execute(self, statement: str, **parameters: Any) -> None:
        """The statement has changed the service's database, behind the service's back."""
        async with self.database.transaction() as tx:
            await tx.execute(sa.text(statement), parameters)

    async def idle(self, *queues: str, timeout: float = 15.0) -> None:
        """Every named queue is empty, no reader has anything in hand, and the outbox is sent."""
        seen_quiet = 0

        async def quiet_twice() -> bool:
            # Twice, for a message may be on its way from the broker to its reader.
            nonlocal seen_quiet
            seen_quiet = seen_quiet + 1 if await quiet() else 0
            return seen_quiet == 2

        async def quiet() -> bool:
            if any(reader.in_hand for reader in self.runtime.readers):
                return False
            if await self.rows("SELECT 1 FROM outbox LIMIT 1"):
                return False
            connection = await aio_pika.connect(self.runtime.settings.amqp_url)
            async with connection:
                channel = await connection.channel()
                for name in queues:
                    queue = await channel.declare_queue(name, passive=True)
                    if queue.declaration_result.message_count:
                        return False
            return True

        await eventually(quiet_twice, timeout)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements of requests this task makes inside the block; the service's own loops are left out."""
        seen: list[str] = []
        asking = asyncio.current_task()

        def count(_: Any, __: Any, statement: str, *___: Any) -> None:
            # The client runs the app in the task that asks.
            if asyncio.current_task() is asking:
                seen.append(statement)

        engine = self.database.engine.sync_engine
        sa.event.listen(engine, "before_cursor_execute", count)
        try:
            yield seen
        finally:
            sa.event.remove(engine, "before_cursor_execute", count)


@asynccontextmanager
async def running(
    wiring: Callable[[S], Wiring],
    settings_class: type[S],
    *,
    database_url: str,
    amqp_url: str,
    **settings: Any,
) -> AsyncIterator[Harness]:
    """The service runs with its own database and vhost until the block ends.

    Its batch readers do not linger: what a test delivers one after the other must not meet in one batch.
    """
    private, public = new_key_pair()
    settings.setdefault("linger_s", 0.0)
    loaded = settings_class.load(
        own_database_url=database_url, amqp_url=amqp_url, internal_public_key=public, **settings
    )
    wired = wiring(loaded)
    if wired.readers is None:
        await topology.provision(amqp_url)
    else:
        await topology.provision(amqp_url, wired.readers, (wired.name,))
    app = create_app(wired, loaded)
    async with app.router.lifespan_context(app):
        runtime: Runtime[Any] = app.state.runtime
        await eventually(lambda: all(reader.connected for reader in runtime.readers))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=30) as client:
            yield Harness(app, client, runtime, TokenSigner(private))
