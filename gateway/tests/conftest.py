"""The gateway running on real servers, and services behind it played by small aiohttp servers."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from aiohttp import web
from crm_chassis.access.principal import Principal
from crm_chassis.access.tokens import TokenVerifier, new_key_pair
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.metrics import GATE_SKIPS
from crm_chassis.socket_guard import Patience, guarded
from crm_chassis.testing import Harness, eventually, running
from crm_contracts.contacts import PERSON_CREATED
from crm_contracts.envelope import Lane
from crm_gateway.main import wiring
from crm_gateway.passwords import Passwords
from crm_gateway.settings import GatewaySettings
from crm_gateway.teams import service as teams
from crm_gateway.users import repository as user_repository
from crm_gateway.users import service as users

PUBLIC_URL = "http://crm.example"
PASSWORD = "correct horse battery"
PASSWORD_MIB = 19
SERVICES = ("contacts", "deals", "telephony", "notifications", "reports")

PRIVATE_KEY, PUBLIC_KEY = new_key_pair()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """One request as a service saw it."""

    method: str
    path_qs: str
    headers: dict[str, str]
    body: bytes
    principal: Principal


@dataclass
class FakeService:
    """A service behind the gateway: answers what a test tells it to, remembers what it was asked."""

    name: str
    port: int
    requests: list[Seen] = field(default_factory=list)
    answer: Handler | None = None
    takes: Handler | None = None
    """Answers instead of `answer`, its request's body still to be read."""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """The service answers."""
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{anything:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, auto_decompress=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        """The service is away."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _take(self, request: web.Request) -> web.StreamResponse:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if self.takes is not None:
            return await self.takes(request)
        seen = Seen(
            request.method,
            request.raw_path,
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
            TokenVerifier(PUBLIC_KEY).verify(token),
        )
        self.requests.append(seen)
        if self.answer is not None:
            return await self.answer(request)
        return web.json_response({"service": self.name, "path": request.raw_path})


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def _services() -> dict[str, FakeService]:
    return {name: FakeService(name, free_port()) for name in SERVICES}


@pytest.fixture(scope="session")
def web_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the gateway looks for the web client's build; nothing is there yet."""
    return tmp_path_factory.mktemp("web") / "dist"


@pytest.fixture(scope="session")
async def gateway(
    make_database: Callable[[str], str],
    make_vhost: Callable[[], str],
    _services: dict[str, FakeService],
    web_dist: Path,
) -> AsyncIterator[Harness]:
    """The gateway, running."""
    urls: dict[str, Any] = {f"{name}_url": f"http://127.0.0.1:{fake.port}" for name, fake in _services.items()}
    async with running(
        wiring,
        GatewaySettings,
        database_url=make_database("gateway"),
        amqp_url=make_vhost(),
        internal_private_key=PRIVATE_KEY,
        public_url=PUBLIC_URL,
        trusted_proxies=("10.0.0.0/8",),
        web_dist=web_dist,
        password_memory_mib=PASSWORD_MIB,
        **urls,
    ) as harness:
        yield harness


@pytest.fixture
async def services(_services: dict[str, FakeService]) -> AsyncIterator[dict[str, FakeService]]:
    """Every service behind the gateway, up and with nothing asked yet."""
    for fake in _services.values():
        fake.requests.clear()
        fake.answer = fake.takes = None
        await fake.start()
    yield _services
    for fake in _services.values():
        await fake.stop()


@dataclass(frozen=True)
class Colleague:
    """A user made for a test, and a bearer token of theirs."""

    id: UUID
    email: str
    headers: dict[str, str]


class Staff:
    """Makes users and teams, and signs people in."""

    def __init__(self, gateway: Harness, password_hash: str) -> None:
        self._gateway = gateway
        self._password_hash = password_hash

    async def hire(
        self, role: str = "salesperson", team_id: UUID | None = None, *, one_time: bool = False
    ) -> Colleague:
        """A user of `role`, signed in."""
        user_id, email = await self.user(role, team_id, one_time=one_time)
        return Colleague(user_id, email, await self.sign_in(email))

    async def user(
        self,
        role: str = "salesperson",
        team_id: UUID | None = None,
        *,
        one_time: bool = False,
        email: str | None = None,
    ) -> tuple[UUID, str]:
        """A user of `role` with the usual password."""
        email = email or f"{new_id().hex}@example.com"
        values = {"email": email, "name": f"Colleague {email[:8]}", "role": role, "team_id": team_id, "locale": "en"}
        with telling(Story.of_system("test")):
            async with self._gateway.database.transaction() as tx:
                row = await users.create(tx, values, now())
                await user_repository.set_password(tx, row.id, self._password_hash, one_time=one_time, now=now())
        return row.id, email

    async def team(self) -> UUID:
        """A team."""
        with telling(Story.of_system("test")):
            async with self._gateway.database.transaction() as tx:
                row = await teams.create(tx, {"name": f"Team {new_id()}", "lead_id": None, "office": None}, now())
        return UUID(str(row.id))

    async def sign_in(self, email: str, password: str = PASSWORD) -> dict[str, str]:
        """Headers of a fresh bearer session."""
        answer = await self._gateway.client.post(
            "/api/v1/sessions", json={"email": email, "password": password, "transport": "bearer"}
        )
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture(scope="session")
async def staff(gateway: Harness) -> Staff:
    """Colleagues on demand."""
    return Staff(gateway, await Passwords(PASSWORD_MIB).hash(PASSWORD))


@asynccontextmanager
async def away(fake: FakeService) -> AsyncIterator[None]:
    """The service does not answer inside the block."""
    await fake.stop()
    try:
        yield
    finally:
        await fake.start()


async def _listening(gateway: Harness) -> bool:
    """Whether the gateway hears live events by now: it counts the bulk one it skips."""
    skipped = GATE_SKIPS.labels("gateway.live", "bulk")
    before = skipped._value.get()
    event = gateway.event(PERSON_CREATED, {}, subject="person", id=new_id(), lane=Lane.BULK)
    await gateway.deliver(event)
    await asyncio.sleep(0)
    return bool(skipped._value.get() > before)


@pytest.fixture(scope="session")
async def address(gateway: Harness) -> AsyncIterator[str]:
    """The gateway on a socket of its own, for what only a socket shows: streams and broken connections."""
    app = gateway.app
    config = uvicorn.Config(
        app, port=free_port(), http=guarded(Patience()), lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    await eventually(lambda: _listening(gateway))
    yield f"http://127.0.0.1:{config.port}"
    server.should_exit = True
    server.force_exit = True
    await serving
