"""Somebody thrown out at one gateway process is out at every other: requests, live streams and downloads under way.

Two processes of the gateway on one database; what is done at the first is measured at the second.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from crm_chassis.ids import new_id
from crm_runner.demo.client import Client, wait_for
from crm_runner.ports import HOST, Ports

from tests.conftest import Town

from .door import Door, another_gateway, its_environment

LIMIT_S = 5.0
PASSWORD, ANOTHER = "a-password-of-a-leaver", "another-password-of-theirs"


class _Endless(BaseHTTPRequestHandler):
    """A service whose answer never ends."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Chunks until the other side is gone."""
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"5\r\nline\n\r\n")
                time.sleep(0.02)
        except OSError:
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Silence."""


@dataclass(frozen=True)
class Second:
    """Another gateway process, and where it shows its metrics."""

    door: Door
    metrics: str

    def metric(self, name: str) -> float:
        """A metric of the process."""
        for line in httpx.get(self.metrics).text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        raise AssertionError(f"there is no {name}")


@pytest.fixture(scope="module")
def second(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Second]:
    """A second gateway on the town's servers; its reports never end."""
    with ThreadingHTTPServer((HOST, 0), _Endless) as endless:
        threading.Thread(target=endless.serve_forever, daemon=True).start()
        metrics_port = Ports().take("metrics")
        environment = its_environment(town.stack) | {
            "CRM_REPORTS_URL": f"http://{HOST}:{endless.server_port}",
            "CRM_METRICS_PORT": str(metrics_port),
        }
        with another_gateway(Path(tmp_path_factory.mktemp("second")), environment) as door:
            yield Second(door, f"http://{HOST}:{metrics_port}/metrics")
        endless.shutdown()


@dataclass
class Watched:
    """A session at the second gateway: when its requests were refused, its stream cut, its download broken off."""

    client: Client
    ended: dict[str, float] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    began: dict[str, threading.Event] = field(default_factory=dict)

    def watch(self) -> None:
        """Stream and download are under way."""
        for what, path in (("stream", "/api/v1/live"), ("download", "/api/v1/reports/calls")):
            self.began[what] = threading.Event()
            threading.Thread(target=self._read, args=(what, path), daemon=True).start()
        for what, began in self.began.items():
            assert began.wait(20), what

    def _read(self, what: str, path: str) -> None:
        headers = dict(self.client._http.headers)
        try:
            with httpx.stream("GET", self.client._http.base_url.join(path), headers=headers, timeout=60) as response:
                assert response.status_code == 200, response.status_code
                for _ in response.iter_raw():
                    self.began[what].set()
            self.how[what] = "ended"
        except httpx.HTTPError as error:
            self.how[what] = type(error).__name__
        self.ended[what] = time.monotonic()


@dataclass(frozen=True)
class Leaver:
    """Somebody who is about to be thrown out."""

    id: str
    email: str
    role: str


@pytest.fixture
def leaver(town: Town) -> Leaver:
    """A colleague with a role and a password of their own."""
    admin = town.company.client("Nadja")
    name = f"leaving_{new_id().hex}"
    admin.post("/api/v1/roles", {"name": name, "grants": {"user:read": "all", "report:read": "all"}})
    email = f"{name}@okna-novak.example"
    user = admin.post("/api/v1/users", {"email": email, "name": "Leaving", "role": name})
    once = admin.post(f"/api/v1/users/{user['id']}/one-time-password", None)["password"]
    first = Client.sign_in(town.company.gateway_url, email, once)
    first.post("/api/v1/users/me/password", {"current_password": once, "new_password": PASSWORD})
    return Leaver(user["id"], email, name)


def _deactivated(town: Town, leaver: Leaver, _: Client) -> None:
    admin = town.company.client("Nadja")
    version = admin.get(f"/api/v1/users/{leaver.id}")["version"]
    admin.patch(f"/api/v1/users/{leaver.id}", {"active": False}, version=version)


def _password_changed(town: Town, leaver: Leaver, _: Client) -> None:
    elsewhere = Client.sign_in(town.company.gateway_url, leaver.email, PASSWORD)
    elsewhere.post("/api/v1/users/me/password", {"current_password": PASSWORD, "new_password": ANOTHER})


def _one_time_password(town: Town, leaver: Leaver, _: Client) -> None:
    town.company.client("Nadja").post(f"/api/v1/users/{leaver.id}/one-time-password", None)


def _signed_out(town: Town, _: Leaver, client: Client) -> None:
    headers = {"Authorization": client._http.headers["Authorization"]}
    answer = httpx.delete(f"{town.company.gateway_url}/api/v1/sessions/current", headers=headers)
    assert answer.status_code == 204


@pytest.mark.parametrize("act", [_deactivated, _signed_out, _password_changed, _one_time_password])
def test_thrown_out_at_one_gateway_is_out_at_the_other_within_five_seconds(
    town: Town, second: Second, leaver: Leaver, act: Callable[[Town, Leaver, Client], None]
) -> None:
    watched = Watched(Client.sign_in(second.door.url, leaver.email, PASSWORD))
    watched.watch()
    act(town, leaver, watched.client)
    done = time.monotonic()

    def refused() -> bool:
        return watched.client._http.get("/api/v1/users").status_code == 401

    wait_for("the refusal", refused)
    watched.ended["requests"] = time.monotonic()
    wait_for("both ends", lambda: len(watched.ended) == 3)
    _tell(act.__name__, watched, done)
    assert watched.how == {"stream": "ended", "download": "RemoteProtocolError"}


def _role_of_the_user(town: Town, leaver: Leaver) -> None:
    admin = town.company.client("Nadja")
    version = admin.get(f"/api/v1/users/{leaver.id}")["version"]
    admin.patch(f"/api/v1/users/{leaver.id}", {"role": "salesperson"}, version=version)


def _grants_of_the_role(town: Town, leaver: Leaver) -> None:
    admin = town.company.client("Nadja")
    version = admin.get(f"/api/v1/roles/{leaver.role}")["version"]
    admin.patch(f"/api/v1/roles/{leaver.role}", {"grants": {"deal:read": "own"}}, version=version)


@pytest.mark.parametrize("act", [_role_of_the_user, _grants_of_the_role])
def test_other_rights_given_at_one_gateway_hold_at_the_other_and_cut_what_was_open(
    town: Town, second: Second, leaver: Leaver, act: Callable[[Town, Leaver], None]
) -> None:
    watched = Watched(Client.sign_in(second.door.url, leaver.email, PASSWORD))
    watched.watch()
    act(town, leaver)
    done = time.monotonic()
    wait_for("the new rights", lambda: "deal:read" in _grants(watched.client))
    watched.ended["requests"] = time.monotonic()
    assert "report:read" not in _grants(watched.client) or act is _role_of_the_user
    wait_for("both ends", lambda: len(watched.ended) == 3)
    _tell(act.__name__, watched, done)
    assert watched.how["download"] == "RemoteProtocolError"


def _grants(client: Client) -> dict[str, str]:
    grants: dict[str, str] = client.get("/api/v1/sessions/current")["user"]["grants"]
    return grants


def _tell(what: str, watched: Watched, done: float) -> None:
    took = {part: round(at - done, 2) for part, at in sorted(watched.ended.items())}
    print(f"{what.strip('_')}: {took} s")
    assert max(took.values()) <= LIMIT_S


def test_a_stream_with_another_request_queued_behind_it_ends_with_its_client(town: Town, second: Second) -> None:
    client = Client.sign_in(second.door.url, "petra@okna-novak.example", town.company.password)
    before = second.metric("crm_live_streams")
    head = f"Host: crm\r\nAuthorization: {client._http.headers['Authorization']}\r\n\r\n"
    knock = second.door.knock()
    knock.send(f"GET /api/v1/live HTTP/1.1\r\n{head}GET /health/live HTTP/1.1\r\nHost: crm\r\n\r\n".encode())
    wait_for("the stream", lambda: second.metric("crm_live_streams") == before + 1)
    knock.close()
    wait_for("its end", lambda: second.metric("crm_live_streams") == before)
    client.close()


def test_guesses_at_one_gateway_count_at_the_other_and_after_a_restart(
    town: Town, second: Second, leaver: Leaver
) -> None:
    body = {"email": leaver.email, "password": "wrong", "transport": "bearer"}
    codes = [
        httpx.post(f"{url}/api/v1/sessions", json=body, timeout=30).status_code
        for _ in range(3)
        for url in (town.company.gateway_url, second.door.url)
    ]
    assert codes == [401] * 5 + [429]
