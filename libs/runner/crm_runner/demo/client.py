"""A client of the gateway as a partner would write one: bearer token, problem+json, server-sent events."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx

from crm_runner.errors import RunnerError

TIMEOUT_S = 20.0


def wait_for(what: str, check: Callable[[], Any], timeout: float = TIMEOUT_S) -> Any:
    """The first truthy result of `check`; RunnerError naming `what` when the time is up.

    What takes longer is looked at less often: each look is work of those who are waited for.
    """
    began = time.monotonic()
    while True:
        result = check()
        if result:
            return result
        waited = time.monotonic() - began
        if waited > timeout:
            raise RunnerError(f"{what}: not within {timeout:.0f} s")
        time.sleep(min(max(0.05, waited / 20), 0.5))


class Client:
    """One signed-in user."""

    def __init__(self, gateway_url: str) -> None:
        self._http = httpx.Client(base_url=gateway_url, timeout=30)
        self.user: dict[str, Any] = {}

    @classmethod
    def sign_in(cls, gateway_url: str, email: str, password: str) -> Self:
        """A client with the rights of that user; RunnerError when the password does not hold."""
        client = cls(gateway_url)
        body = {"email": email, "password": password, "transport": "bearer"}
        session = client.post("/api/v1/sessions", body)
        client._http.headers["Authorization"] = f"Bearer {session['token']}"
        client.user = session["user"]
        return client

    @property
    def id(self) -> str:
        """The user's id."""
        return str(self.user["id"])

    def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON."""
        return self._answer(self._http.get(path, params=query or None))

    def post(self, path: str, body: Any, *, version: int | None = None, story: str | None = None) -> Any:
        """The answer's JSON; `version` goes as If-Match, `story` as the correlation id to continue."""
        return self._answer(self._http.post(path, json=body, headers=_headers(version, story)))

    def put(self, path: str, body: Any, *, version: int | None = None) -> Any:
        """The answer's JSON."""
        return self._answer(self._http.put(path, json=body, headers=_headers(version, None)))

    def patch(self, path: str, body: Any, *, version: int, story: str | None = None) -> Any:
        """The answer's JSON."""
        return self._answer(self._http.patch(path, json=body, headers=_headers(version, story)))

    def upload(self, path: str, file: Path, **query: str) -> Any:
        """The answer's JSON to a file sent as it is."""
        headers = {"Content-Type": "application/octet-stream"}
        with file.open("rb") as content:
            return self._answer(
                self._http.post(path, params={"file_name": file.name} | query, content=content, headers=headers)
            )

    def delete(self, path: str, *, version: int) -> None:
        """What stood under the path, in this version, is gone."""
        self._answer(self._http.delete(path, headers=_headers(version, None)))

    def listen(self) -> "Listener":
        """This user's live stream, open from now on."""
        return Listener(self._http.base_url, dict(self._http.headers))

    def close(self) -> None:
        """Connections are closed."""
        self._http.close()

    @staticmethod
    def _answer(response: httpx.Response) -> Any:
        if response.is_success:
            return response.json() if response.content else None
        request = response.request
        raise RunnerError(f"{request.method} {request.url.path} answered {response.status_code}: {response.text[:500]}")


class Listener:
    """A live stream read in a thread; what it heard can be waited for."""

    def __init__(self, base_url: httpx.URL, headers: dict[str, str]) -> None:
        self.heard: list[tuple[float, str, dict[str, Any]]] = []
        self._open = threading.Event()
        self._client = httpx.Client(base_url=base_url, headers=headers, timeout=httpx.Timeout(10, read=None))
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        if not self._open.wait(TIMEOUT_S):
            raise RunnerError("the live stream did not open")

    def pops(self, change: str | None = None) -> list[dict[str, Any]]:
        """The pops heard so far."""
        found = [data for _, event, data in list(self.heard) if event == "pop"]
        return [data for data in found if change is None or data["change"] == change]

    def close(self) -> None:
        """The stream is closed."""
        self._client.close()

    def _read(self) -> None:
        event, data = "message", ""
        try:
            with self._client.stream("GET", "/api/v1/live") as response:
                for line in response.iter_lines():
                    if line.startswith("event:"):
                        event = line[6:].strip()
                    elif line.startswith("data:"):
                        data += line[5:].strip()
                    elif not line and data:
                        self.heard.append((time.monotonic(), event, json.loads(data)))
                        event, data = "message", ""
                        self._open.set()
        except (httpx.HTTPError, RuntimeError):
            return  # closed by us, or the gateway went away: the waits of the reader tell


def _headers(version: int | None, story: str | UUID | None) -> dict[str, str]:
    headers = {}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    if story is not None:
        headers["X-Correlation-ID"] = str(story)
    return headers
