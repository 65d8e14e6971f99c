"""uvicorn's HTTP connection, made patient only so far: slow, endless and crowding clients cost a bounded time each.

Owns what uvicorn leaves open: how long a request's head may take and how much it may say, how long the rest of a body
nobody wants is read, how long an answer nobody takes is kept, how many connections stand. The time of a body that is
wanted is `middleware.BodyLimit`'s. Must never know a route.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from crm_chassis.metrics import counter

MAX_TARGET_BYTES = 8 * 1024
MAX_HEADERS = 100
MAX_HEAD_BYTES = 32 * 1024
# What may follow a head, whatever it is worth as a body: chunks of one byte cost six. A file may be larger by itself.
MAX_WIRE_BYTES = 8 * 1024 * 1024
MAX_PIPELINED = 32
LINGER_S = 5.0
# The extension by which an application cuts the connection of an answer that must not look complete.
CUT = "crm.cut"
# The extension by which an application says that the body it is about to read may be so large.
ROOM = "crm.room"

REFUSED = counter("connections_refused", "Connections ended by us before an answer was due, by reason", ["reason"])
_TITLES = {
    400: "The request can not be read",
    408: "The request took too long to arrive",
    414: "The address is too long",
    431: "The headers are too large",
}
_CODES = {400: "bad_request", 408: "request_timeout", 414: "target_too_long", 431: "headers_too_large"}

# Whoever sends nonsense can not fill our logs with it; errors of ours are still told.
_log = logging.getLogger("crm.connection")
_log.setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for a request's head, for an answer that is not taken, for idling; and how many connections stand."""

    head_s: float = 15.0
    stall_s: float = 30.0
    idle_s: float = 75.0
    connections: int = 4_000


class Refused(Exception):
    """What the parser has read so far is enough to refuse it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class GuardedConnection(HttpToolsProtocol):
    """One client's connection."""

    patience = Patience()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _log
        self.timeout_keep_alive = self.patience.idle_s  # type: ignore[assignment]
        self._clock: Any = None
        self._stalled: Any = None
        self._running: Any = None
        self._why = 400
        self._unanswered = 0
        self._in_head = False
        self._in_body = False
        self._arrived = 0
        self._head_bytes = 0
        self._wire_bytes = 0
        self._room = 0
        self._since = monotonic()

    def connection_made(self, transport: Any) -> None:
        """The head has its time from now on; over the most connections the longest idle one makes room."""
        super().connection_made(transport)
        self._arm(self.patience.head_s, self._head_late)
        if len(self.connections) > self.patience.connections:
            idle = [other for other in self.connections if isinstance(other, GuardedConnection) and other._is_idle()]
            REFUSED.labels("crowded").inc()
            min(idle, key=lambda each: each._since, default=self)._abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing of the connection waits any more."""
        self._disarm()
        self._tell_it_left()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The bytes are read as far as they may be."""
        self._arrived = len(data)
        if self._in_head:
            self._head_bytes += len(data)
        elif self._in_body:
            self._wire_bytes += len(data)
        elif self._clock is None and self._is_idle():
            self._arm(self.patience.head_s, self._head_late)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(431)
        elif self._in_body and self._wire_bytes > MAX_WIRE_BYTES + self._room:
            self._refuse(400)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.scope["extensions"] = {CUT: {"cut": self.cut}, ROOM: {"make": self.make_room}}
        self._in_head = True
        self._head_bytes = self._arrived
        if self._clock is None or self._is_idle():
            self._arm(self.patience.head_s, self._head_late)

    def on_url(self, url: bytes) -> None:
        """Path and query, or a part of them."""
        super().on_url(url)
        if len(self.url) > MAX_TARGET_BYTES:
            self._stop(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; what comes after the body in the manner of headers is not one."""
        if not self._in_head:
            return
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._stop(431)

    def on_headers_complete(self) -> None:
        """The head is whole: the application begins, or the request waits for the one before it."""
        if self._unanswered > MAX_PIPELINED:
            self._stop(400)
        if sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD_BYTES:
            self._stop(431)
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self._stop(400)
        self._in_head = False
        self._in_body = True
        self._wire_bytes = 0
        self._room = 0
        self._disarm()
        super().on_headers_complete()
        self._unanswered += 1

    def on_message_complete(self) -> None:
        """The request is whole."""
        super().on_message_complete()
        if self._in_body and self._is_idle():
            # The end of a body nobody wanted: the next request may follow.
            self._arm(self.patience.idle_s, self.timeout_keep_alive_handler)
        self._in_body = False

    def on_response_complete(self) -> None:
        """The answer is given. A client still sending is heard out for a while, so that it reads the answer."""
        self._since = monotonic()
        self._unanswered -= 1
        super().on_response_complete()
        if self.transport.is_closing():
            self.loop.call_later(self.patience.stall_s, self.transport.abort)
        elif self._in_body and self._is_idle():
            self._arm(LINGER_S, self._abort)

    def pause_writing(self) -> None:
        """The client does not take its answer: it has some time to begin again."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.patience.stall_s, self._stall)

    def resume_writing(self) -> None:
        """The client takes its answer."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def timeout_keep_alive_handler(self) -> None:
        """The connection idled too long."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(self.patience.stall_s, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        """What could not be read is refused."""
        self._refuse(self._why)

    def cut(self) -> None:
        """The connection is gone in the middle of its answer; the application is told that the client left."""
        self._tell_it_left()
        self._abort()

    def make_room(self, body_bytes: int) -> None:
        """The body that is arriving may be so large. What came before the application asked is bounded by uvicorn."""
        self._room = body_bytes

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _tell_it_left(self) -> None:
        """The application at work hears that the client left; uvicorn tells only the last of pipelined requests."""
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    def _is_idle(self) -> bool:
        return not self._unanswered

    def _arm(self, seconds: float, act: Callable[[], None]) -> None:
        self._disarm()
        self._clock = self.loop.call_later(seconds, act)

    def _disarm(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _head_late(self) -> None:
        self._clock = None
        if self._in_head:
            self._refuse(408)
        else:
            self._abort()

    def _stall(self) -> None:
        REFUSED.labels("stalled").inc()
        self.cut()

    def _stop(self, status: int) -> None:
        self._why = status
        raise Refused(status)

    def _refuse(self, status: int) -> None:
        REFUSED.labels(_CODES[status]).inc()
        if self._is_idle() and not self.transport.is_closing():
            self.transport.write(_refusal(status))
            self.transport.close()
            self.loop.call_later(self.patience.stall_s, self.transport.abort)
        else:
            self.cut()  # another answer is on its way: nothing may be written into it

    def _abort(self) -> None:
        self.transport.abort()


def guarded(patience: Patience) -> type[GuardedConnection]:
    """The connection class with this patience, for uvicorn's `http`."""
    return type("PatientConnection", (GuardedConnection,), {"patience": patience})


def _refusal(status: int) -> bytes:
    body = orjson.dumps({"type": "about:blank", "title": _TITLES[status], "status": status, "code": _CODES[status]})
    head = (
        b"content-type: application/problem+json\r\n"
        b"content-length: %d\r\n"
        b"cache-control: no-store\r\n"
        b"content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n"
        b"x-content-type-options: nosniff\r\n"
        b"referrer-policy: no-referrer\r\n"
        b"connection: close\r\n\r\n" % len(body)
    )
    return STATUS_LINE[status] + head + body
