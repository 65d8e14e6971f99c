"""Server-sent events over ASGI: ends at once when its stream is cut, even if the client has stopped reading."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crm_gateway.live.hub import Hub, Stream, frame
from crm_gateway.streams import client_left

HEARTBEAT_S = 15.0
_FAREWELL_S = 1.0
_HEARTBEAT = b":\n\n"
_RETRY = b"retry: 2000\n\n"


class EventStream(Response):
    """The answer to /live: `opening` frames first, then what the stream hears."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, stream: Stream, opening: AsyncIterator[bytes], heartbeat_s: float) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub = hub
        self._stream = stream
        self._opening = opening
        self._heartbeat_s = heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until the client leaves or the stream is cut."""
        pump = asyncio.create_task(self._pump(send))
        tasks = [pump, asyncio.create_task(client_left(receive)), asyncio.create_task(self._stream.over.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self._stream)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not pump.cancelled() and (error := pump.exception()) is not None:
            raise error
        if self._stream.over.is_set():
            await self._farewell(send)

    async def _pump(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await _write(send, _RETRY)
        async for opening in self._opening:
            await _write(send, opening)
        while True:
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    waiting = await self._stream.frames.get()
            except TimeoutError:
                waiting = _HEARTBEAT
            await _write(send, waiting)

    async def _farewell(self, send: Send) -> None:
        # A client that does not read can not be told; its connection is dropped when this returns.
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(_FAREWELL_S):
                if self._stream.reason == "replaced":
                    await _write(send, frame("replaced", {}))
                await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
