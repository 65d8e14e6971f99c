"""Pure ASGI around every request: correlation id in and out, body cap, metrics, one log line. Streams pass through."""

import asyncio
import re
import time
from collections.abc import Mapping
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_chassis.context import Story, telling
from crm_chassis.database import is_infrastructure
from crm_chassis.http import problem_response
from crm_chassis.ids import new_id
from crm_chassis.metrics import HTTP_SECONDS
from crm_chassis.problems import Problem, TooLarge, TooSlow, Unavailable
from crm_chassis.socket_guard import CUT, ROOM

CORRELATION_HEADER = "X-Correlation-ID"
MAX_BODY_BYTES = 1024 * 1024
BYTES_FOR_A_SECOND = 4096
_UUID = re.compile(rb"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
_QUIET = ("/health/", "/metrics")

log = structlog.get_logger()


class StoryMiddleware:
    """Every request tells a story: a correlation id (the caller's UUID or a new one), a log line, a metric."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = _correlation_of(scope) or new_id()
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                header = (CORRELATION_HEADER.lower().encode(), str(correlation_id).encode())
                message["headers"] = [*message.get("headers", []), header]
            await send(message)

        with telling(Story(actor="anonymous", correlation_id=correlation_id)):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                seconds = time.perf_counter() - started
                route = getattr(scope.get("route"), "path", "none")
                HTTP_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
                if not scope["path"].startswith(_QUIET):
                    log.info(
                        "request",
                        method=scope["method"],
                        route=route,
                        status=status,
                        ms=round(seconds * 1000, 1),
                    )


class BodyLimit:
    """A body over the cap is refused with 413 as soon as that is known, one that trickles with 408."""

    def __init__(
        self,
        app: ASGIApp,
        limit: int = MAX_BODY_BYTES,
        patience_s: float = 20.0,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        """`limits` names the paths to which more (or less) may be posted."""
        self._app = app
        self._limit = limit
        self._patience_s = patience_s
        self._limits = dict(limits or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], self._limit) if scope.get("method") == "POST" else self._limit
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > limit:
            await problem_response(_too_large(limit))(scope, receive, send)
            return
        if limit > self._limit and (room := scope.get("extensions", {}).get(ROOM)):
            room["make"](limit)
        read = 0
        whole = False
        began = asyncio.get_running_loop().time()

        async def counted() -> Message:
            nonlocal read, whole
            if whole:
                return await receive()  # the wait for the client to leave
            try:
                async with asyncio.timeout_at(began + self._patience_s + read / BYTES_FOR_A_SECOND):
                    message = await receive()
            except TimeoutError:
                raise TooSlow from None
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if read > limit:
                    raise _too_large(limit)
            return message

        await self._app(scope, counted, send)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"At most {limit} bytes are taken.")


class LastResort:
    """What no handler took is told as a problem; an answer already begun is cut off, so that it never looks whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] != "http":
                raise
            if not started:
                await problem_response(_told(error))(scope, receive, send)
                return
            extension = scope.get("extensions", {}).get(CUT)
            if extension is None:
                raise
            log.warning("answer broken off", reason=type(error).__name__)
            extension["cut"]()


def _told(error: Exception) -> Problem:
    if is_infrastructure(error):
        log.warning("part away", reason=type(error).__name__)
        return Unavailable()
    log.error("unhandled", exc_info=error)
    return Problem()


def _correlation_of(scope: Scope) -> UUID | None:
    for name, value in scope["headers"]:
        if name == b"x-correlation-id" and _UUID.match(value):
            return UUID(value.decode())
    return None
