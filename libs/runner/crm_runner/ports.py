"""Which port each process listens on: chosen once, kept in a file, so that addresses survive a restart."""

import json
import random
import socket
from pathlib import Path

from crm_runner.errors import RunnerError
from crm_runner.files import write_whole

HOST = "127.0.0.1"
GATEWAY_PORT = 8080
# Below the kernel's ephemeral range (32768 and up), so that no outgoing connection can sit on a kept port.
_FIRST, _LAST = 20_000, 31_999


def is_free(port: int) -> bool:
    """True when this machine would let a server listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


class Ports:
    """Names to ports; with a file the choice is kept, and changes only when somebody took the port."""

    def __init__(self, file: Path | None = None, *, running: bool = False) -> None:
        """Reads the kept choices; without a file they live as long as the object.

        `running`: the choices are those of an installation that runs now, so its ports are not free.
        """
        self._file = file
        self._running = running
        self._chosen: dict[str, int] = {}
        if file is not None and file.exists():
            self._chosen = {str(name): int(port) for name, port in json.loads(file.read_text()).items()}

    def take(self, name: str, preferred: int | None = None) -> int:
        """A port free now: last time's if it still is, else the preferred one or the next free above."""
        kept = self._chosen.get(name)
        if kept is not None and (self._running or is_free(kept)):
            return kept
        port = self._scan(preferred) if preferred is not None else self._random()
        self._chosen[name] = port
        self._save()
        return port

    def _scan(self, start: int) -> int:
        for port in range(start, start + 1000):
            if port not in self._chosen.values() and is_free(port):
                return port
        raise RunnerError(f"no free port between {start} and {start + 1000}")

    def _random(self) -> int:
        for _ in range(1000):
            port = random.randint(_FIRST, _LAST)
            if port not in self._chosen.values() and is_free(port):
                return port
        raise RunnerError(f"no free port between {_FIRST} and {_LAST}")

    def _save(self) -> None:
        if self._file is None:
            return
        write_whole(self._file, json.dumps(self._chosen, indent=2, sort_keys=True) + "\n")
