"""A stretch of network that can be cut and slowed: a TCP proxy on loopback."""

import asyncio
from contextlib import suppress

from crm_runner.ports import HOST

_CHUNK = 64 * 1024
_LOOK_S = 0.02


class Line:
    """Leads from its own port to another while it is open. A cut line swallows what is sent, as a dead switch does."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{HOST}:{port}"
        self.delay_s = 0.0
        self.is_cut = False
        self._port = port
        self._target = 0
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    async def open(self, target_port: int) -> None:
        """Connections to our port reach the target."""
        self._target = target_port
        self._server = await asyncio.start_server(self._connected, HOST, self._port)

    def cut(self) -> None:
        """From now on nothing passes in either direction; who connects hears nothing."""
        self.is_cut = True

    def mend(self) -> None:
        """What is sent from now on passes at once; connections from before are broken, their bytes were lost."""
        if self.is_cut:
            for end in list(self._ends):
                end.transport.abort()
        self.is_cut, self.delay_s = False, 0.0

    async def close(self) -> None:
        """Nobody is connected any more."""
        self.mend()
        if self._server is not None:
            self._server.close()
        for end in list(self._ends):
            end.transport.abort()

    async def _connected(self, near: asyncio.StreamReader, near_end: asyncio.StreamWriter) -> None:
        self._ends.add(near_end)
        try:
            far, far_end = await asyncio.open_connection(HOST, self._target)
        except OSError:
            near_end.transport.abort()
            self._ends.discard(near_end)
            return
        self._ends.add(far_end)
        try:
            await asyncio.gather(self._pass(near, far_end), self._pass(far, near_end))
        finally:
            for end in (near_end, far_end):
                end.transport.abort()
                self._ends.discard(end)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(_CHUNK):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if not self.is_cut:
                    sink.write(chunk)
                    await sink.drain()
        sink.transport.abort() if self.is_cut else sink.close()
