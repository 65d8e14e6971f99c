"""Bodies on their way from a client to a service: never whole in memory, each ends with the session that sends it."""

import asyncio
from collections.abc import AsyncGenerator

from crm_chassis.problems import Unauthorized
from fastapi import Request


class Upload:
    """A client's body, read once and piece by piece while it is sent on."""

    def __init__(self, request: Request, over: asyncio.Event) -> None:
        """`over` is set when the session of the sender has ended."""
        self._request = request
        self._over = over
        self.length = request.headers.get("content-length")
        """How many bytes the client says it sends; None when it does not say."""
        self.is_whole = False
        """Every piece has been handed on."""
        self.is_answered = False
        """The service has begun to answer: how long it takes for a piece is no matter any more."""
        self.failure: Exception | None = None
        """Why there came no more pieces, when the client is the reason."""

    async def pieces(self, deadline: asyncio.Timeout, timeout_s: float) -> AsyncGenerator[bytes, None]:
        """The body. The service has `timeout_s` to take each piece, and then to answer; the client has its own time."""
        stream = self._request.stream()
        clock = asyncio.get_running_loop().time
        while not self.is_whole:
            self._wait(deadline, None)
            try:
                piece = await anext(stream, None)
                if self._over.is_set():
                    raise Unauthorized("The session has ended.", headers={"WWW-Authenticate": "Bearer"})
            except Exception as error:
                self.failure = error
                raise
            self._wait(deadline, clock() + timeout_s)
            if piece is None:
                self.is_whole = True
            elif piece:
                yield piece

    def _wait(self, deadline: asyncio.Timeout, until: float | None) -> None:
        if not self.is_answered:
            deadline.reschedule(until)
