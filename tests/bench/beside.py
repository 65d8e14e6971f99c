"""The second way in: a gateway like the first whose services are stand-ins that only run the bare statements."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from crm_runner import spawn
from crm_runner.ports import HOST, Ports
from crm_runner.processes import GATEWAY, Program
from crm_runner.stack import Stack

STAND_INS = ("contacts", "deals", "reports")
ROOT = Path(__file__).parents[2]
_READY_LIMIT_S = 90.0


@dataclass(frozen=True)
class Beside:
    """Where the bare way is, and its processes by the name of whom they stand for."""

    gateway_url: str
    direct_url: str
    pids: dict[str, int]


@contextmanager
def beside(stack: Stack, folder: Path) -> Iterator[Beside]:
    """The bare way is open inside the block, beside the stack's own."""
    ports = Ports()
    urls: dict[str, str] = {}
    pids: dict[str, int] = {}
    with ExitStack() as stop:
        for name in STAND_INS:
            port = ports.take(name)
            output = stop.enter_context((folder / f"bare-{name}.log").open("ab"))
            command = [sys.executable, "-m", "tests.bench.bare", name, "--port", str(port)]
            process = spawn.spawn(command, env=stack.environment(name), cwd=ROOT, output=output)
            stop.callback(spawn.stop, process)
            spawn.lower_priority(process, _niceness_of(stack.pids[name]))
            urls[name], pids[name] = f"http://{HOST}:{port}", process.pid
        environment = stack.environment(GATEWAY) | {f"CRM_{name.upper()}_URL": url for name, url in urls.items()}
        environment |= {"CRM_ROLE": "api", "CRM_METRICS_PORT": str(ports.take("metrics"))}
        gateway = Program(GATEWAY, ports.take(GATEWAY), environment, stack.journal)
        gateway.start()
        stop.callback(gateway.stop)
        assert gateway.process is not None
        pids[GATEWAY], pids["postgres"] = gateway.process.pid, stack.pids["postgres"]
        _wait_ready([*urls.values(), gateway.url])
        yield Beside(gateway.url, urls[STAND_INS[0]], pids)


def _niceness_of(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


def _wait_ready(urls: list[str]) -> None:
    deadline = time.monotonic() + _READY_LIMIT_S
    for url in urls:
        while not _is_ready(url):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the stand-in at {url} is not ready after {_READY_LIMIT_S:.0f} s")
            time.sleep(0.1)


def _is_ready(url: str) -> bool:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
