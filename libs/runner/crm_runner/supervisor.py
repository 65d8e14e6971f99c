"""Keeping processes alive: one that dies is started again, until it is told to stop."""

import signal
import threading
import time
from collections.abc import Callable
from typing import Protocol

from crm_runner import spawn
from crm_runner.errors import RunnerError

_BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_STEADY = 30.0


class Unit(Protocol):
    """What can be kept alive: a server or a program."""

    name: str
    process: spawn.Process | None

    def start(self) -> None:
        """The unit runs, in a new process."""

    def stop(self) -> None:
        """No process of the unit runs; harmless when none did."""


class Keeper:
    """Keeps one unit running from `start` to `stop`."""

    def __init__(self, unit: Unit, say: Callable[[str, str], None]) -> None:
        """`say` gets a line and its level."""
        self.unit = unit
        self.deaths = 0
        self._say = say
        self._leaving = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The process of now, None when there is none."""
        process = self.unit.process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """The unit runs and is watched."""
        self._leaving.clear()
        self.unit.start()
        self._watcher = threading.Thread(target=self._watch, name=f"crm-keep-{self.unit.name}", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """The unit does not run and will not be started again."""
        self._leaving.set()
        self.unit.stop()
        # A restart under way may have made a new process since; it sees `_leaving` or loses that process too.
        while self._watcher is not None and self._watcher.is_alive():
            self._watcher.join(0.1)
            self.unit.stop()

    def kill(self) -> None:
        """The process is dead as by `kill -9`; the keeper starts another."""
        process = self.unit.process
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def _watch(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            process = self.unit.process
            code = process.wait() if process is not None else None
            if self._leaving.is_set():
                return
            self.deaths += 1
            failures = 0 if time.monotonic() - began > _STEADY else failures
            delay = _BACKOFF[min(failures, len(_BACKOFF) - 1)]
            failures += 1
            self._say(f"{self.unit.name} died ({_reason(code)}), starting it again in {delay:g} s", "warning")
            if self._leaving.wait(delay):
                return
            try:
                self.unit.start()
            except (RunnerError, OSError) as error:
                if not self._leaving.is_set():
                    self._say(str(error), "error")
            else:
                self._say(f"{self.unit.name} is back (process {self.pid})", "info")


def _reason(code: int | None) -> str:
    if code is None:
        return "never started"
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
