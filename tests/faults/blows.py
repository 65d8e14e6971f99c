"""The faults: each is struck while work is pending and is over when every program says that all its parts are well."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil
from crm_chassis.bus import PARKED_HOOKS_QUEUE
from crm_runner import spawn
from crm_runner.demo.client import wait_for
from crm_runner.ports import HOST, Ports
from crm_runner.processes import module

from tests.faults.site import Site

_BACK_LIMIT_S = 120
_HOLDERS = (
    "SELECT a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_database d ON d.oid = l.database"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objid = 7310001 AND d.datname = current_database()"
)
_SESSIONS = "SELECT client_port FROM pg_stat_activity WHERE datname = current_database() AND client_port IS NOT NULL"


@dataclass(frozen=True)
class Blow:
    """`victims`: whose work must be pending; `strike` does the harm and, where it lasts, ends it."""

    name: str
    victims: tuple[str, ...]
    strike: Callable[[Site], None]


def kill(name: str, times: int = 1) -> Blow:
    """`kill -9`; the runner starts another, which is killed too as long as work is pending, up to so many `times`."""
    victims = {"rabbitmq": _ALL, "postgres": _ALL}.get(name, (name,))

    def strike(site: Site) -> None:
        site.stack.kill(name)
        for _ in range(times - 1):
            wait_well(site)
            if site.pending().of(*victims):
                site.stack.kill(name)

    return Blow(f"kill -9 {name}" + (f" {times} times" if times > 1 else ""), victims, strike)


def away(name: str, seconds: float) -> Blow:
    """Stopped, and started again `seconds` later."""

    def strike(site: Site) -> None:
        retried = site.world.retried["webhook"]
        site.stack.halt(name)
        _pass(seconds)
        if name == "telephony":
            _assert_parked(site)
            assert site.world.retried["webhook"] == retried, "a webhook was refused although it could be parked"
        if name == "rabbitmq":
            unsent = site.begin(site.gauge.outboxes()).result()
            assert unsent.total() > 0, "nothing waited for the broker"
        site.stack.resume(name)

    return Blow(f"{name} away for {seconds:.0f} s", _ALL if name == "rabbitmq" else (name,), strike)


def cut(seconds: float) -> Blow:
    """Nothing passes between gateway and telephony for so long."""

    def strike(site: Site) -> None:
        site.line.cut()
        try:
            _pass(seconds)
            _assert_parked(site)
        finally:
            site.begin(_mended(site)).result()

    return Blow(f"line to telephony cut for {seconds:.0f} s", ("telephony",), strike)


def slow(delay_s: float, seconds: float) -> Blow:
    """Each packet between gateway and telephony takes `delay_s`, so that answers come too late to be heard."""

    def strike(site: Site) -> None:
        site.line.delay_s = delay_s
        try:
            _pass(seconds)
            _assert_parked(site)
        finally:
            site.begin(_mended(site)).result()

    return Blow(f"line to telephony slow for {seconds:.0f} s", ("telephony",), strike)


async def _mended(site: Site) -> None:
    site.line.mend()


def _pass(seconds: float) -> None:
    began = time.monotonic()
    wait_for(f"{seconds} s to pass", lambda: time.monotonic() - began > seconds, seconds + 5)


def _assert_parked(site: Site) -> None:
    pending = site.pending()
    parked = pending.ready[PARKED_HOOKS_QUEUE] + pending.held[PARKED_HOOKS_QUEUE]
    assert parked > 0, "no webhook was parked"
    print(f"  parked: {parked} webhooks")


def wait_well(site: Site) -> None:
    """Every program says that its database and its bus are well."""
    with httpx.Client(timeout=5) as client:

        def well() -> bool:
            try:
                answers = [client.get(f"{url}/health/ready").json() for url in site.stack.service_urls.values()]
            except (httpx.HTTPError, ValueError):
                return False
            return all(set(answer["parts"].values()) == {"ok"} for answer in answers)

        wait_for("every program to be well", well, _BACK_LIMIT_S)


@contextmanager
def standby(site: Site, name: str) -> Iterator[int]:
    """The pid of a second process of the program, a worker that waits to be the active relay."""
    port = Ports().take("standby")
    command = [sys.executable, "-m", module(name), "serve", "--host", HOST, "--port", str(port), "--role", "worker"]
    process = spawn.spawn(command, env=site.stack.environment(name), output=subprocess.DEVNULL)
    try:
        wait_for("the standby", lambda: _answers(port), _BACK_LIMIT_S)
        yield process.pid
    finally:
        spawn.stop(process)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/health/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def relay_holders(site: Site, name: str) -> set[int]:
    """Process ids that hold the relay's advisory lock in this program's database, by their sockets."""
    return _pids_of(set(site.ask_database(name, _HOLDERS)))


def sessions(site: Site, name: str) -> set[int]:
    """Process ids connected to this program's database."""
    return _pids_of(set(site.ask_database(name, _SESSIONS)))


def _pids_of(ports: set[int]) -> set[int]:
    owners = {c.laddr.port: c.pid for c in psutil.net_connections("tcp") if c.laddr and c.pid}
    return {owners[port] for port in ports if port in owners}


_ALL = ("contacts", "deals", "telephony", "notifications", "reports", "gateway")
EVERY = (
    kill("telephony", 3),
    kill("rabbitmq"),
    kill("contacts", 3),
    kill("deals", 3),
    kill("notifications", 3),
    kill("reports", 3),
    kill("gateway", 3),
    kill("postgres"),
    cut(12),
    slow(3, 15),
    away("telephony", 60),
    away("contacts", 15),
    away("rabbitmq", 15),
)
FEW = (kill("telephony"), kill("rabbitmq"))
