"""The services behind the gateway, over aiohttp: the cheapest client that streams (limits.md §7).

Owns the connection pool. Must never know a user: the token to send is given.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import orjson
from crm_chassis.context import current
from crm_chassis.middleware import CORRELATION_HEADER
from crm_chassis.problems import Problem, Unavailable
from yarl import URL

from crm_gateway.proxy.rules import Headers
from crm_gateway.proxy.uploads import Upload

CONNECT_S = 2.0
ANSWER_S = 30.0
# Below the services' own keep-alive (75 s), so that no request meets a connection that is just closing.
IDLE_S = 30.0
PER_SERVICE = 100
_AUTO = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class UpstreamTimeout(Problem):
    """The owner did not answer in time; whether it did the work is not known."""

    status, code, title = 504, "upstream_timeout", "The answer took too long; look before you try again"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of a service."""

    status: int
    headers: Headers
    body: bytes

    def json(self) -> object:
        """The body's JSON, None when it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


class Upstreams:
    """Sends requests to services by name; connects on first use."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = {service: url.rstrip("/") for service, url in urls.items()}
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(
        self,
        service: str,
        method: str,
        target: str,
        *,
        token: str,
        headers: Headers | None = None,
        body: bytes | Upload | None = None,
        timeout_s: float = ANSWER_S,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer's head, its body still to be read. `target` is path and query, already encoded.

        Unavailable when the service can not be reached, UpstreamTimeout when it does not answer in time; for an
        upload, what broke it off on the client's side.
        """
        upload = body if isinstance(body, Upload) else None
        sent = [
            *(headers or []),
            ("authorization", f"Bearer {token}"),
            (CORRELATION_HEADER.lower(), str(current().correlation_id)),
        ]
        if upload and upload.length is not None:
            sent.append(("content-length", upload.length))
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=timeout_s)
        try:
            async with asyncio.timeout(timeout_s) as deadline:
                response = await self._client().request(
                    method,
                    URL(self._urls[service] + target, encoded=True),
                    headers=sent,
                    data=upload.pieces(deadline, timeout_s) if upload else body,
                    timeout=timeout,
                    allow_redirects=False,
                )
                if upload:
                    upload.is_answered = True
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise Unavailable(f"{service} is away.") from error
        except TimeoutError as error:
            raise UpstreamTimeout(f"{service} did not answer in {timeout_s:g} s.") from error
        except (aiohttp.ClientError, OSError) as error:
            if upload and upload.failure:
                raise upload.failure from error
            raise Unavailable(f"{service} broke off.") from error
        try:
            yield response
        finally:
            if upload and not upload.is_whole:
                response.close()  # what the service did not want to hear is not sent
            else:
                response.release()

    async def ask(
        self,
        service: str,
        method: str,
        target: str,
        *,
        token: str,
        headers: Headers | None = None,
        body: bytes | None = None,
        timeout_s: float = ANSWER_S,
    ) -> Answer:
        """The whole answer; raises as `open`."""
        async with self.open(
            service, method, target, token=token, headers=headers, body=body, timeout_s=timeout_s
        ) as response:
            return await whole(service, response, timeout_s)

    async def close(self) -> None:
        """Every connection is closed."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, limit_per_host=PER_SERVICE, keepalive_timeout=IDLE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                skip_auto_headers=_AUTO,
            )
        return self._session


async def whole(service: str, response: aiohttp.ClientResponse, timeout_s: float = ANSWER_S) -> Answer:
    """The answer with its body read; raises as `open` when it breaks off or stalls."""
    try:
        async with asyncio.timeout(timeout_s):
            body = await response.content.read()  # response.read() would wait for the rest of an upload, too
    except TimeoutError as error:
        raise UpstreamTimeout(f"{service} did not finish its answer in {timeout_s:g} s.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unavailable(f"{service} broke off.") from error
    return Answer(response.status, list(response.headers.items()), body)
