"""A gateway process of a test's own, and raw sockets to knock on it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from crm_runner.demo.client import wait_for
from crm_runner.ports import HOST, Ports
from crm_runner.stack import Stack


@dataclass(frozen=True)
class Door:
    """A running gateway: where it listens, and the file of its log."""

    port: int
    log: Path
    pid: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    def knock(self, timeout: float = 30.0) -> "Knock":
        """A fresh connection."""
        return Knock(socket.create_connection((HOST, self.port), timeout=timeout))

    def lines(self) -> list[dict[str, Any]]:
        """What it logged so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


class Knock:
    """One connection, byte by byte."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.opened = time.monotonic()

    def send(self, data: bytes) -> bool:
        """Whether the bytes could be sent: not any more once the other side is gone."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def rest(self) -> bytes:
        """All that comes until the other side closes, which must be before the time-out."""
        found = bytearray()
        with suppress(ConnectionResetError):
            while chunk := self.socket.recv(65_536):
                found += chunk
        return bytes(found)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """One answer with Content-Length: status, headers in lower case, body."""
        data = bytearray()
        while b"\r\n\r\n" not in data:
            chunk = self.socket.recv(65_536)
            if not chunk:
                raise ConnectionResetError(f"closed after {bytes(data)!r}")
            data += chunk
        head, _, body = bytes(data).partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            body += self.socket.recv(65_536)
        return int(lines[0].split()[1]), headers, body[:length]

    def trickle(self, piece: bytes, every_s: float, at_most_s: float) -> float:
        """A piece again and again until the other side is gone; seconds since the connection was opened."""
        deadline = time.monotonic() + at_most_s
        self.socket.settimeout(every_s)
        while time.monotonic() < deadline:
            if not self.send(piece):
                break
            try:
                if self.socket.recv(65_536) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            raise AssertionError(f"still open after {at_most_s} s")
        return time.monotonic() - self.opened

    def is_closed(self) -> bool:
        """Whether the other side has closed by now; what it said before is thrown away."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(65_536):
                pass
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """The connection is closed."""
        self.socket.close()


def its_environment(stack: Stack) -> dict[str, str]:
    """What the stack's gateway is told, for another process of it: without the port of its metrics."""
    return {name: value for name, value in stack.environment("gateway").items() if name != "CRM_METRICS_PORT"}


@contextmanager
def another_gateway(folder: Path, environment: Mapping[str, str]) -> Iterator[Door]:
    """A gateway process with this environment, ready; gone afterwards."""
    port = Ports().take("gateway")
    log = folder / f"gateway-{port}.log"
    command = [sys.executable, "-m", "crm_gateway", "serve", "--host", HOST, "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        wait_for("the gateway", lambda: _is_ready(port, process, log), timeout=60)
        yield Door(port, log, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_ready(port: int, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    if process.poll() is not None:
        raise AssertionError(f"the gateway ended: {log.read_text()[-2000:]}")
    try:
        return httpx.get(f"http://{HOST}:{port}/health/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
