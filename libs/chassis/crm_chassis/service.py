"""A service, wired: the one place that joins its parts to database, bus and HTTP.

Owns start and stop order. Must never know what the service is about.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from crm_contracts.archive import resend_queue
from crm_contracts.graph import Reader, readers_of
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest, start_http_server
from starlette.routing import Route
from starlette.types import ASGIApp

from crm_chassis import dead_letter_api, logs, migrate, topology
from crm_chassis.access.grants import RightsNow, principal_now
from crm_chassis.access.principal import Principal
from crm_chassis.access.staff import apply_staff
from crm_chassis.backoff import Backoff
from crm_chassis.bus import dead_queue
from crm_chassis.consumer import BatchConsumer, BatchHandler
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, Transaction, is_infrastructure
from crm_chassis.dead_letter_drain import DeadLetterDrain
from crm_chassis.effects import Effect, EventHandler, Messages
from crm_chassis.hand import Hand
from crm_chassis.housekeeping import keep_tidy
from crm_chassis.http import JSON, bearer_principal, install_error_handlers
from crm_chassis.imports.api import router as imports_router
from crm_chassis.imports.api import upload_paths
from crm_chassis.imports.kinds import Kind
from crm_chassis.imports.worker import imports
from crm_chassis.json_bodies import JsonBodies
from crm_chassis.methods import Methods
from crm_chassis.middleware import BodyLimit, LastResort, StoryMiddleware
from crm_chassis.openapi import describe
from crm_chassis.relay import Relay
from crm_chassis.resend import answered, keep_compared
from crm_chassis.resync import ResyncSource, resync_handler
from crm_chassis.routing import Straight
from crm_chassis.runtime import Runtime
from crm_chassis.schedule import DueHandler, Scheduler
from crm_chassis.settings import ServiceSettings
from crm_chassis.watch import Measure, Watch

API_PREFIX = "/api/v1"
_BOOTSTRAP_LOCK = 7_310_004

Worker = Callable[[Runtime[Any]], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True)
class Wiring:
    """Everything a service brings. Connects to nothing. `uploads`: more paths that take a file, with its most bytes."""

    name: str
    migrations: Path
    readers: Sequence[Reader] | None = None
    routers: Sequence[APIRouter] = ()
    root_routers: Sequence[APIRouter] = ()
    batches: Mapping[str, BatchHandler] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    commands: Mapping[str, EventHandler] = field(default_factory=dict)
    due: Mapping[str, DueHandler] = field(default_factory=dict)
    resync: Mapping[str, ResyncSource] = field(default_factory=dict)
    workers: Sequence[Worker] = ()
    measures: Sequence[Measure] = ()
    watched: Mapping[str, Hand | None] = field(default_factory=dict)
    api_workers: Sequence[Worker] = ()
    bootstrap: Callable[[Transaction], Awaitable[None]] | None = None
    imports: Sequence[Kind] = ()
    rights_now: RightsNow = principal_now
    uploads: Mapping[str, int] = field(default_factory=dict)
    resources: Sequence[Callable[[Runtime[Any]], AbstractAsyncContextManager[None]]] = ()
    middleware: Sequence[Callable[[ASGIApp], ASGIApp]] = ()
    authenticate: Callable[[Request], Awaitable[Principal]] = bearer_principal
    public: bool = False

    def queues(self) -> set[str]:
        """The queues this service must read: those of the graph, unless `readers` names others."""
        return {reader.queue for reader in (readers_of(self.name) if self.readers is None else self.readers)}

    def mark(self) -> str:
        """What the bus carries once everything is declared on it."""
        return topology.mark() if self.readers is None else topology.mark(self.readers, (self.name,))

    def all_batches(self) -> dict[str, BatchHandler]:
        """The service's batch readers and the staff copy every service with such a queue keeps."""
        users = f"{self.name}.users"
        return ({users: apply_staff} if users in self.queues() else {}) | dict(self.batches)

    def all_commands(self) -> dict[str, EventHandler]:
        """The service's commands, its resync command, and the archive's answers to one that keeps what it sent."""
        commands: dict[str, EventHandler] = {}
        if self.resync:
            commands[f"{self.name}.resync"] = resync_handler(self.name, self.resync)
        if self.is_compared():
            commands[resend_queue(self.name)] = answered
        return commands | dict(self.commands)

    def is_compared(self) -> bool:
        """Whether what this service sends is compared with the archive."""
        return resend_queue(self.name) in self.queues()

    def check(self) -> None:
        """ValueError unless the wiring serves exactly the queues the graph gives this service."""
        served = set(self.all_batches()) | set(self.effects) | set(self.all_commands())
        wanted = self.queues()
        if served != wanted:
            raise ValueError(
                f"{self.name} must read {sorted(wanted)}; missing {sorted(wanted - served)}, "
                f"unknown {sorted(served - wanted)}"
            )


def create_app(wiring: Wiring, settings: ServiceSettings) -> FastAPI:
    """The ASGI application; nothing is connected before its lifespan begins."""
    wiring.check()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(app, wiring, settings):
            yield

    app = FastAPI(
        title=f"Voronka {wiring.name}",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=lambda route: f"{wiring.name}_{route.name}",
        # Nothing collects FastAPI's own telemetry here; asking whether anything does costs 30 µs a request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.authenticate = wiring.authenticate
    routers = [("", _health())]
    if not wiring.public:
        routers += [("", _metrics()), (API_PREFIX, dead_letter_api.routes())]
    # Before the service's own, of which the gateway's last one takes every path.
    routers += [(API_PREFIX, imports_router(kind)) for kind in wiring.imports]
    routers += [(API_PREFIX, router) for router in wiring.routers]
    routers += [("", router) for router in wiring.root_routers]
    for prefix, router in routers:
        app.include_router(router, prefix=prefix)
    served = [
        [prefix + route.path for route in router.routes if isinstance(route, Route)] for prefix, router in routers
    ]
    app.router.middleware_stack = Straight(app.router, zip(app.router.routes, served, strict=True))
    app.state.methods = Methods(_served(routers))
    install_error_handlers(app)
    describe(app)
    # The last added is the outermost: every answer, a refusal too, passes the service's own wrappers and the story.
    app.add_middleware(LastResort)
    files = {**upload_paths(API_PREFIX, wiring.imports), **wiring.uploads}
    app.add_middleware(JsonBodies, prefix=API_PREFIX, uploads=files)
    app.add_middleware(BodyLimit, patience_s=settings.http_body_s, limits=files)
    for middleware in wiring.middleware:
        app.add_middleware(_Adapter, wrap=middleware)
    app.add_middleware(StoryMiddleware)
    return app


def _served(routers: Sequence[tuple[str, APIRouter]]) -> Iterator[tuple[str, set[str]]]:
    for prefix, router in routers:
        for route in router.routes:
            if isinstance(route, Route):
                yield prefix + route.path, route.methods or set()


class _Adapter:
    """Lets a plain ASGI wrapper be installed as middleware."""

    def __init__(self, app: ASGIApp, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
        self._app = wrap(app)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)


@asynccontextmanager
async def _running(app: FastAPI, wiring: Wiring, settings: ServiceSettings) -> AsyncIterator[None]:
    logs.configure(wiring.name, settings.log_level)
    asyncio.get_running_loop().set_exception_handler(logs.on_loop_error)
    url = settings.service_database_url()
    await _until_migrated(url, wiring)
    database = Database(url, wiring.name, pool_size=settings.pool_size, pool_overflow=settings.pool_overflow)
    runtime: Runtime[Any] = Runtime(settings, database)
    app.state.runtime = runtime
    async with AsyncExitStack() as stack:
        if settings.metrics_port is not None:
            server, thread = start_http_server(settings.metrics_port, settings.metrics_host)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        stack.push_async_callback(database.close)
        for resource in wiring.resources:
            await stack.enter_async_context(resource(runtime))
        stack.push_async_callback(runtime.stop)
        if wiring.bootstrap:
            await _bootstrap(database, wiring)
        if settings.role != "api":
            _start_workers(runtime, wiring, settings)
        if settings.role != "worker":
            _start(runtime, wiring.api_workers)
        runtime.start("watch", Watch(runtime, wiring.watched, wiring.measures).run)
        # What start-up made lives as long as the process: keep it out of every later collection (limits of GC pauses).
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        log.info("started", role=settings.role)
        yield
        log.info("stopping")


def _start_workers(runtime: Runtime[Any], wiring: Wiring, settings: ServiceSettings) -> None:
    database, amqp_url = runtime.database, settings.amqp_url
    relay = Relay(database, amqp_url, wiring.mark())
    runtime.relay = relay
    database.on_recorded(relay.wake)
    runtime.start("relay", relay.run)
    for queue, handler in wiring.all_batches().items():
        consumer = BatchConsumer(database, amqp_url, queue, handler, linger_s=settings.linger_s)
        runtime.readers.append(consumer)
        runtime.start(queue, consumer.run)
    if wiring.effects or wiring.all_commands():
        messages = Messages(database, amqp_url, wiring.effects, wiring.all_commands())
        runtime.readers.append(messages)
        runtime.start("messages", messages.run)
    runtime.start("dead letters", DeadLetterDrain(database, amqp_url, dead_queue(wiring.name)).run)
    runtime.start("housekeeping", lambda: keep_tidy(database))
    if wiring.is_compared():
        runtime.start("archive comparison", lambda: keep_compared(database))
    if wiring.due:
        runtime.start("scheduler", Scheduler(database, wiring.due).run)
    _start(runtime, wiring.workers)
    if wiring.imports:
        runtime.start("imports", lambda: imports(wiring.imports, wiring.rights_now)(runtime))


def _start(runtime: Runtime[Any], workers: Sequence[Worker]) -> None:
    for worker in workers:
        runtime.start(worker.__name__, lambda worker=worker: worker(runtime))  # type: ignore[misc]


async def _until_migrated(url: str, wiring: Wiring) -> None:
    backoff = Backoff()
    while True:
        try:
            await migrate.upgrade(url, wiring.name, wiring.migrations)
            return
        except Exception as error:
            if not is_infrastructure(error):
                raise
            backoff.tell(log, "waiting for the database", reason=type(error).__name__)
            await backoff.wait()


async def _bootstrap(database: Database, wiring: Wiring) -> None:
    assert wiring.bootstrap is not None
    with telling(Story.of_system(wiring.name)):
        async with database.transaction() as tx:
            await tx.execute(sa.text(f"SELECT pg_advisory_xact_lock({_BOOTSTRAP_LOCK})"))
            await wiring.bootstrap(tx)


def _health() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> Response:
        return JSON({"status": "ok"})

    @router.get("/health/ready")
    async def ready(request: Request) -> Response:
        runtime: Runtime[Any] = request.app.state.runtime
        parts = await runtime.health()
        well = parts["database"] == "ok" and parts["bus"] in ("ok", "late")
        return JSON({"status": "ok" if well else "not ready", "parts": parts}, 200 if well else 503)

    return router


def _metrics() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def metrics() -> Response:
        body = await asyncio.to_thread(generate_latest)
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    return router
