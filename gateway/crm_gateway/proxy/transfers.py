"""Bodies on their way from a service to a client: each ends with the session that asked for it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime

from crm_chassis.metrics import counter
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crm_gateway.sessions.directory import Signed
from crm_gateway.streams import client_left

CUT = counter("transfers_cut", "Bodies broken off because the session that asked for them was over")


class SessionOver(Exception):
    """The session ended in the middle of an answer, which must not look complete."""


class Transfers:
    """Every body under way in this process."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Event, Signed] = {}

    def begin(self, signed: Signed) -> asyncio.Event:
        """Set when the session is over; `finish` it."""
        over = asyncio.Event()
        self._running[over] = signed
        return over

    def finish(self, over: asyncio.Event) -> None:
        """The body is through, or broken off."""
        self._running.pop(over, None)

    def end(self, is_over: Callable[[Signed], bool]) -> None:
        """The bodies of these sessions are broken off at once."""
        for over, signed in self._running.items():
            if is_over(signed):
                over.set()

    def end_expired(self, at: datetime) -> None:
        """The bodies of sessions past their end are broken off."""
        self.end(lambda signed: signed.expires_at <= at)


class Transfer(Response):
    """The answer with a body that comes in pieces; broken off, never ended as if complete, when its session is over."""

    def __init__(self, body: AsyncGenerator[bytes, None], status: int, transfers: Transfers, signed: Signed) -> None:
        super().__init__(status_code=status)
        self._pieces = body
        self._transfers = transfers
        self._signed = signed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until the body is through, the client leaves or the session is over."""
        over = self._transfers.begin(self._signed)
        pump = asyncio.create_task(self._pump(send))
        tasks = [pump, asyncio.create_task(client_left(receive)), asyncio.create_task(over.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._transfers.finish(over)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if pump.cancelled() and over.is_set():
            CUT.inc()
            raise SessionOver
        if not pump.cancelled() and (error := pump.exception()) is not None:
            raise error

    async def _pump(self, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
