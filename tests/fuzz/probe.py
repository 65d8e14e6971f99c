"""Asking the gateway anything at all, byte for byte, many at once; and what an answer must never be."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Answer:
    """An answer; `json` is None when its body is none."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def refused(self) -> bool:
        """Whether it is a 4xx."""
        return 400 <= self.status < 500

    def fault(self) -> str | None:
        """What is wrong with it as an answer to whatever was asked: None for a success and for a proper refusal."""
        if self.status < 300:
            return None
        shown = f"{self.status} {self.body[:300]!r}"
        if not self.refused:
            return shown
        problem = self.json
        if self.headers.get("content-type") != "application/problem+json" or not isinstance(problem, dict):
            return f"no problem document: {shown}"
        codes = [problem.get("code"), *(error.get("code") for error in problem.get("errors", []))]
        if problem.get("status") != self.status or not all(_CODE.fullmatch(str(code)) for code in codes):
            return f"no stable code: {shown}"
        return None


class Prober:
    """A client that sends what it is given."""

    def __init__(self, url: str, token: str | None, connections: int = 12) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._connections = connections

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            timeout=aiohttp.ClientTimeout(total=60),
            skip_auto_headers=("Content-Type",),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to a JSON body (bytes go as they are); `path` is encoded already.

        Lone surrogates are sent as the escapes JSON has for them.
        """
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode("ascii")
        sent = self._headers | ({"Content-Type": "application/json"} if data is not None else {}) | dict(headers or {})
        request = self._session.request(
            method.upper(), URL(self._url + path, encoded=True), data=data, headers=sent, allow_redirects=False
        )
        async with request as response:
            return Answer(response.status, response.headers, await response.read())
