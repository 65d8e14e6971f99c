"""The composition root: settings → sessions, proxy, live stream, hooks → the gateway's wiring.

Owns how the parts of the only door are joined. Must never hold a rule of any of them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from crm_chassis.access.tokens import TokenSigner
from crm_chassis.bus import PARKED_HOOKS_QUEUE
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.listen import Listener
from crm_chassis.runtime import Runtime
from crm_chassis.service import Wiring
from crm_chassis.topology import queues
from crm_contracts.graph import LIVE

from crm_gateway import resync
from crm_gateway.card import api as card
from crm_gateway.dead_letters import api as dead_letters
from crm_gateway.demo import api as demo
from crm_gateway.demo.runner import Runner
from crm_gateway.docs import api as docs
from crm_gateway.guesses.service import keep_swept
from crm_gateway.hooks import api as hooks
from crm_gateway.hooks import repository as connections
from crm_gateway.hooks.connections import Connections
from crm_gateway.hooks.service import Hooks, drainer, parking
from crm_gateway.imports import api as imports
from crm_gateway.imports.service import OWN
from crm_gateway.live import api as live
from crm_gateway.live.feed import Feed
from crm_gateway.live.hub import Hub
from crm_gateway.passwords import Passwords
from crm_gateway.proxy import api as proxy
from crm_gateway.proxy.rules import UPLOADS
from crm_gateway.proxy.service import Proxy
from crm_gateway.proxy.tokens import Mint
from crm_gateway.proxy.transfers import Transfers
from crm_gateway.proxy.upstream import Upstreams
from crm_gateway.rates.limits import Limits, StrangerLimit
from crm_gateway.roles import api as roles
from crm_gateway.roles import service as role_service
from crm_gateway.search import api as search
from crm_gateway.security import SecurityHeaders
from crm_gateway.sessions import api as sessions
from crm_gateway.sessions.directory import SessionDirectory
from crm_gateway.sessions.door import authenticator, shown_token
from crm_gateway.settings import GatewaySettings
from crm_gateway.teams import api as teams
from crm_gateway.users import api as users
from crm_gateway.users.repository import principal_now
from crm_gateway.web import api as web

TICK_S = 5.0


def wiring(settings: GatewaySettings) -> Wiring:
    """The gateway, connected to nothing yet."""
    directory = SessionDirectory()
    limits = Limits(settings)
    passwords = Passwords(settings.password_memory_mib)
    upstreams = Upstreams(settings.service_urls())
    mint = Mint(TokenSigner(settings.internal_private_key))
    passing = Proxy(upstreams, mint)
    hub = Hub(directory.team_of)
    feed = Feed(hub)
    transfers = Transfers()
    directory.on_end(hub.end)
    directory.on_end(transfers.end)
    parked = parking(settings.amqp_url)
    door = Hooks(upstreams, mint, Connections(), parked, limits)

    @asynccontextmanager
    async def connected(_: Runtime[Any]) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await parked.close()
            await upstreams.close()

    async def bootstrap(tx: Transaction) -> None:
        await role_service.bootstrap(tx, now())

    async def watch_sessions(runtime: Runtime[Any]) -> None:
        await directory.watch(runtime.database)

    async def sweep_sessions(runtime: Runtime[Any]) -> None:
        await directory.sweep(runtime.database)

    async def sweep_guesses(runtime: Runtime[Any]) -> None:
        await keep_swept(runtime.database)

    async def listen(_: Runtime[Any]) -> None:
        await Listener(settings.amqp_url, LIVE, feed.take, feed.gap).run()

    async def tick(_: Runtime[Any]) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            at = now()
            feed.tick(at)
            transfers.end_expired(at)

    async def end_streams(runtime: Runtime[Any]) -> None:
        await runtime.stopping.wait()
        hub.end(lambda _: True, "stopping")

    return Wiring(
        name="gateway",
        public=True,
        uploads=UPLOADS,
        imports=OWN,
        rights_now=principal_now,
        migrations=Path(__file__).parents[1] / "migrations",
        routers=[
            docs.public,
            sessions.router(settings, directory, passwords, limits),
            users.router(directory, passwords),
            teams.routes,
            roles.router(directory),
            card.router(passing),
            search.router(passing),
            imports.router(passing),
            dead_letters.router(passing),
            live.router(hub, feed, passing),
            demo.router(settings, Runner(settings.demo_control_url, settings.demo_control_secret)),
            proxy.router(passing, transfers, limits),
        ],
        root_routers=[docs.pages, hooks.router(settings, door), web.router(settings.web_dist)],
        batches={"gateway.connections": connections.apply},
        resync={"user": resync.users, "team": resync.teams, "role": resync.roles},
        workers=[drainer(door), sweep_sessions, sweep_guesses],
        api_workers=[watch_sessions, listen, tick, end_streams],
        bootstrap=bootstrap,
        resources=[connected],
        # The door is the process that must stand anyway: a service that is down can not tell what waits for it.
        watched=dict.fromkeys(queues()) | {PARKED_HOOKS_QUEUE: parked.hand},
        middleware=[
            partial(StrangerLimit, limits=limits, knows=lambda request: directory.remembers(shown_token(request)[1])),
            partial(SecurityHeaders, https=settings.public_origin.startswith("https://")),
        ],
        authenticate=authenticator(directory, settings.public_origin, limits),
    )
