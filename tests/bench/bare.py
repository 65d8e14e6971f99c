"""The bare limits as a service: what a service would cost if it were nothing but its statements.

A stand-in for one service, in the same database. The first time a GET is asked, the service's own app answers it
and the statements it ran are remembered with their parameters; from then on the same request is answered by
running just these over raw asyncpg and rendering the rows with orjson. A POST is one statement: a row like the
newest real one into a copy of its table, and an event into a copy of the outbox. `/ready` answers ready bytes.

Run by beside.py: `python -m tests.bench.bare SERVICE --port PORT`, with the service's environment.
"""

import argparse
import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson
import sqlalchemy as sa
import uvicorn
from crm_chassis.service import create_app
from fastapi import FastAPI, Request, Response

READY = b'{"status":"ok"}'
_POOL = 8  # as many connections as a service keeps
_TABLES = {"people": "person", "deals": "deal", "move": "stage_entry"}
_COLUMNS = (
    "SELECT column_name FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position"
)

Plan = list[tuple[str, tuple[Any, ...]]]


@dataclass(frozen=True)
class Insert:
    """One statement with the parameters that follow the new id."""

    statement: str
    values: tuple[Any, ...]


class Bare:
    """Plans by request, and the pool they run on."""

    def __init__(self, service: FastAPI) -> None:
        self._service = service
        self._plans: dict[str, Plan] = {}
        self._inserts: dict[str, Insert] = {}
        self._learning: dict[asyncio.Task[Any] | None, Plan] = {}
        self._lock = asyncio.Lock()
        self.pool: asyncpg.Pool | None = None
        self.dsn = ""

    def listen(self) -> None:
        """What the service's app asks of its database while it answers for us is remembered."""
        engine = self._service.state.runtime.database.engine
        self.dsn = str(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))

        def remember(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            plan = self._learning.get(asyncio.current_task())
            if plan is not None and statement.lstrip().upper().startswith(("SELECT", "WITH")):
                plan.append((statement, tuple(parameters)))

        sa.event.listen(engine.sync_engine, "before_cursor_execute", remember)

    async def read(self, target: str, authorization: str) -> Response:
        """The rows of the request's statements."""
        plan = self._plans.get(target)
        if plan is None:
            answer, plan = await self._learn(target, authorization)
            if answer.status_code != 200:
                return Response(answer.content, answer.status_code)
            self._plans[target] = plan
        assert self.pool is not None
        async with self.pool.acquire() as connection:
            found = [[dict(row) for row in await connection.fetch(sql, *values)] for sql, values in plan]
        return Response(orjson.dumps(found, default=str), media_type="application/json")

    async def write(self, noun: str) -> Response:
        """One row more in the copies of the noun's table and of the outbox."""
        insert = self._inserts.get(noun)
        if insert is None:
            async with self._lock:
                insert = self._inserts.get(noun) or await self._prepared(noun)
                self._inserts[noun] = insert
        assert self.pool is not None
        new = uuid4()
        async with self.pool.acquire() as connection:
            await connection.execute(insert.statement, new, *insert.values)
        return Response(orjson.dumps({"id": str(new)}), 201, media_type="application/json")

    async def _learn(self, target: str, authorization: str) -> tuple[httpx.Response, Plan]:
        plan: Plan = []
        task = asyncio.current_task()
        self._learning[task] = plan
        try:
            transport = httpx.ASGITransport(app=self._service)
            async with httpx.AsyncClient(transport=transport, base_url="http://bare") as client:
                return await client.get(target, headers={"Authorization": authorization}), plan
        finally:
            del self._learning[task]

    async def _prepared(self, noun: str) -> Insert:
        """The copies are made and filled, so that their indexes are as deep as the real ones."""
        table = _TABLES[noun]
        connection = await asyncpg.connect(self.dsn)
        try:
            columns = [row["column_name"] for row in await connection.fetch(_COLUMNS, table)]
            names = ", ".join(f'"{name}"' for name in columns)
            await connection.execute("CREATE SCHEMA IF NOT EXISTS bench")
            for each in (table, "outbox"):
                await connection.execute(f'CREATE TABLE IF NOT EXISTS bench."{each}" (LIKE "{each}" INCLUDING ALL)')
            filled = f'INSERT INTO bench."{table}" ({names}) SELECT {names} FROM "{table}" ON CONFLICT DO NOTHING'  # noqa: S608
            await connection.execute(filled)
            newest = f'SELECT {names} FROM "{table}" ORDER BY id DESC LIMIT 1'  # noqa: S608
            row = await connection.fetchrow(newest)
            event = await connection.fetchrow(
                "SELECT type, queue, bulk, body FROM outbox_sent ORDER BY id DESC LIMIT 1"
            )
        finally:
            await connection.close()
        others = [name for name in columns if name != "id"]
        given = ", ".join(f"${number}" for number in range(2, len(others) + 2))
        said = [
            f"${number}::{kind}" for number, kind in enumerate(("text", "text", "boolean", "bytea"), len(others) + 2)
        ]
        statement = (
            f'WITH made AS (INSERT INTO bench."{table}" (id, {", ".join(others)}) VALUES ($1, {given}) RETURNING id)'  # noqa: S608
            " INSERT INTO bench.outbox (event_id, type, queue, bulk, body)"
            f" SELECT id, {', '.join(said)} FROM made"
        )
        return Insert(statement, (*(row[name] for name in others), *event.values()))


def app_of(name: str) -> FastAPI:
    """The stand-in of a service."""
    settings_class = getattr(importlib.import_module(f"crm_{name}.settings"), f"{name.capitalize()}Settings")
    settings = settings_class.load(role="api")
    service = create_app(importlib.import_module(f"crm_{name}.main").wiring(settings), settings)
    bare = Bare(service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.router.lifespan_context(service):
            bare.listen()
            async with asyncpg.create_pool(
                bare.dsn,
                min_size=_POOL,
                max_size=_POOL,
                statement_cache_size=500,
                server_settings={"jit": "off"},
                init=_ready_json,
                reset=_as_it_is,
            ) as bare.pool:
                yield

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health/ready")
    @app.get("/ready")
    @app.get("/api/v1/{noun}/ready")
    async def ready() -> Response:
        return Response(READY, media_type="application/json")

    @app.get("/api/v1/{rest:path}")
    async def read(request: Request) -> Response:
        query = request.url.query
        target = request.url.path + (f"?{query}" if query else "")
        return await bare.read(target, request.headers.get("authorization", ""))

    @app.post("/api/v1/{rest:path}")
    async def write(request: Request, rest: str) -> Response:
        await request.body()
        return await bare.write("move" if rest.endswith("/move") else rest)

    return app


async def _ready_json(connection: Any) -> None:
    # What the database has as JSON goes out as it is.
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=orjson.Fragment, format="text")


async def _as_it_is(connection: Any) -> None:
    """Nothing is set on a connection, so nothing is to be reset."""


def main() -> None:
    """Serve until told to stop."""
    options = argparse.ArgumentParser()
    options.add_argument("service")
    options.add_argument("--port", type=int, required=True)
    given = options.parse_args()
    uvicorn.run(app_of(given.service), host="127.0.0.1", port=given.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
