"""Who is counted how: people and API tokens once they are known, everybody else by address, hooks by their token."""

import hashlib
from collections.abc import Awaitable, Callable
from ipaddress import IPv6Address, ip_address
from time import monotonic
from uuid import UUID

from crm_chassis.http import problem_response
from crm_chassis.metrics import counter
from crm_chassis.problems import TooMany
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_gateway.addresses import remote_address
from crm_gateway.rates.rules import Buckets
from crm_gateway.settings import GatewaySettings

LIMITED = counter("rate_limited", "Requests refused as too many, by what was counted", ["by"])
_OWN_COUNT = ("/hooks/", "/health/")


class Limits:
    """The buckets of this process."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._trusted = settings.trusted_proxies
        self._users = Buckets(settings.rate_user, settings.burst_user)
        self._tokens = Buckets(settings.rate_token, settings.burst_token)
        self._hooks = Buckets(settings.rate_hook, settings.burst_hook)
        self._strangers = Buckets(settings.rate_stranger, settings.burst_stranger)
        for by in ("user", "token", "hook", "address"):
            LIMITED.labels(by)

    def user(self, user_id: UUID) -> None:
        """One request of a person's browser; TooMany when they send more than any person does."""
        _taken(self._users.take(user_id, monotonic()), "user")

    def token(self, session_id: UUID) -> None:
        """One request of an API client; TooMany when it sends too many."""
        _taken(self._tokens.take(session_id, monotonic()), "token")

    def hook(self, token: str) -> None:
        """One hook of a token; TooMany when there are too many."""
        _taken(self._hooks.take(hashlib.sha256(token.encode()).digest(), monotonic()), "hook")

    def stranger(self, address: str) -> None:
        """One request of somebody not known; TooMany when their address sends too many."""
        _taken(self._strangers.take(neighbourhood(address), monotonic()), "address")

    def no_stranger(self, address: str) -> None:
        """The request counted as a stranger's was somebody's whom we know."""
        self._strangers.give_back(neighbourhood(address))

    def address(self, connection: HTTPConnection) -> str:
        """The client's address."""
        peer = connection.client.host if connection.client else ""
        return remote_address(peer, connection.headers.get("x-forwarded-for"), self._trusted)


class StrangerLimit:
    """A request that shows no session this process knows counts against its address, before any work is done."""

    def __init__(self, app: ASGIApp, *, limits: Limits, knows: Callable[[HTTPConnection], bool]) -> None:
        self._app = app
        self._limits = limits
        self._knows = knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await (self._refusal(scope) or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Callable[[Scope, Receive, Send], Awaitable[None]] | None:
        if scope["type"] != "http" or scope["path"].startswith(_OWN_COUNT):
            return None
        connection = HTTPConnection(scope)
        if self._knows(connection):
            return None
        try:
            self._limits.stranger(self._limits.address(connection))
        except TooMany as problem:
            return problem_response(problem)
        scope.setdefault("state", {})["stranger"] = True
        return None


def neighbourhood(address: str) -> str:
    """The address; of IPv6 its /64, which one household or host has to itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return address


def _taken(wait_s: int, by: str) -> None:
    if wait_s:
        LIMITED.labels(by).inc()
        raise TooMany(wait_s, "Slow down a little.")
