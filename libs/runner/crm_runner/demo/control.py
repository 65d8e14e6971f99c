"""Where the gateway of a demo asks for its end: a loopback address, and a secret that only the two know."""

import hmac
import json
import secrets
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from crm_runner.ports import HOST

_MOST_BYTES = 10_000


@dataclass(frozen=True)
class Leaver:
    """The administrator who asked, and who alone stays."""

    name: str
    email: str
    locale: str


class Control:
    """Listens while it is open; what was asked is in `leaver`. While `filling`, nobody can leave."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{HOST}:{port}"
        self.secret = secrets.token_urlsafe(32)
        self.filling = True
        self.leaver: Leaver | None = None
        self._asked = threading.Event()
        self._server = ThreadingHTTPServer((HOST, port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, name="crm-demo-control", daemon=True)

    def asked(self, within_s: float) -> bool:
        """Waits so long at most, and answers whether somebody wants out."""
        return self._asked.wait(within_s)

    def take(self, leaver: Leaver) -> None:
        """The first who asks is the one who stays."""
        self.leaver = self.leaver or leaver
        self._asked.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(control: Control) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the base class's name
            """Takes the wish of whoever knows the secret."""
            shown = self.headers.get("Authorization", "").encode()
            body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _MOST_BYTES))
            if self.path != "/leave" or not hmac.compare_digest(shown, f"Bearer {control.secret}".encode()):
                status = 404
            elif control.filling:
                status = 409
            else:
                who = json.loads(body)
                control.take(Leaver(who["name"], who["email"], who["locale"]))
                status = 202
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the base class's name
            """Says nothing: the gateway logs what was asked of it."""

    return Handler
