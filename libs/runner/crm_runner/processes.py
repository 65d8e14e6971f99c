"""The six programs: how each is started, and how one knows that it is ready."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

from crm_runner import spawn
from crm_runner.errors import RunnerError
from crm_runner.journal import Journal
from crm_runner.ports import HOST

SERVICES = ("contacts", "deals", "telephony", "notifications", "reports")
GATEWAY = "gateway"
ALL = (*SERVICES, GATEWAY)
# On one machine all share its cores: a ringing phone goes before the card it finds, and both before figures.
_NICENESS = {"contacts": 3, "deals": 6, "notifications": 6, "reports": 10}
_STARTING_S = 60.0
"""So long a program may take to get ready before it yields to the others all the same."""


def module(name: str) -> str:
    """The package that is the program: run, never imported."""
    return f"crm_{name}"


def run(name: str, environment: Mapping[str, str], *arguments: str) -> str:
    """What the program's command printed; RunnerError with what it complained of when it failed."""
    command = [sys.executable, "-m", module(name), *arguments]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RunnerError(f"{name} {arguments[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Program:
    """One of the six, serving on a loopback port, its log lines going into the journal."""

    def __init__(self, name: str, port: int, environment: Mapping[str, str], journal: Journal) -> None:
        """Nothing runs yet."""
        self.name = name
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.process: spawn.Process | None = None
        self.environment = dict(environment)
        self._journal = journal

    def start(self) -> None:
        """The process runs; it may not be ready yet."""
        command = [sys.executable, "-m", module(self.name), "serve", "--host", HOST, "--port", str(self.port)]
        self.process = spawn.spawn(command, env=self.environment, output=subprocess.PIPE)
        if niceness := _NICENESS.get(self.name):
            lowering = threading.Thread(target=self._lower_once_ready, args=(self.process, niceness), daemon=True)
            lowering.start()
        if self.process.stdout is not None:
            self._journal.follow(self.name, self.process.stdout)

    def _lower_once_ready(self, process: spawn.Process, niceness: int) -> None:
        # Not from the start: on a busy machine a process that yields to everybody would never get ready.
        until = time.monotonic() + _STARTING_S
        while process.poll() is None and time.monotonic() < until and not self.is_ready():
            time.sleep(0.5)
        if process.poll() is None:
            spawn.lower_priority(process, niceness)

    def stop(self) -> None:
        """The process finished what it was doing and is gone."""
        if self.process is not None and not spawn.stop(self.process, grace=20):
            self._journal.say(f"{self.name} did not stop in time and was killed", "warning")

    def is_ready(self) -> bool:
        """Whether it says itself that database, bus and migrations are fine."""
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
