"""One request on its way to the owner and back, with one more try when the owner's copy was a moment behind."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

import aiohttp
import orjson
import structlog
from crm_chassis.access.principal import Principal
from crm_chassis.problems import Unavailable

from crm_gateway.proxy.rules import (
    CLIENT_HEADER,
    REFERENCES,
    Headers,
    inward,
    outward,
    told_reference,
    unknown_reference,
)
from crm_gateway.proxy.tokens import Mint
from crm_gateway.proxy.uploads import Upload
from crm_gateway.proxy.upstream import Upstreams, whole

STREAMED_ABOVE = 64 * 1024
_MOST_REFERENCES = 3
_CHUNK = 64 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Passed:
    """What the client gets: a whole body, or a stream of it."""

    status: int
    headers: Headers
    body: bytes | AsyncGenerator[bytes, None]


class Proxy:
    """Passes requests to services in their callers' names."""

    def __init__(self, upstreams: Upstreams, mint: Mint) -> None:
        self._upstreams = upstreams
        self._mint = mint

    async def get(self, service: str, target: str, caller: Principal, timeout_s: float) -> Passed:
        """The answer to a GET of `target` by `caller`; for composed screens."""
        answer = await self._upstreams.ask(service, "GET", target, token=self._mint.token(caller), timeout_s=timeout_s)
        return Passed(answer.status, outward(answer.headers), answer.body)

    async def send(
        self,
        service: str,
        method: str,
        target: str,
        headers: Headers,
        body: bytes | Upload,
        caller: Principal,
        address: str = "",
    ) -> Passed:
        """The service's answer. A 422 `unknown_reference` the owner of the reference refutes is sent once more.

        For each of up to three references: the owner is asked in the caller's name, and on its 200 the request is
        repeated with a token that vouches for what was seen. An upload can not be repeated: of what it is put on the
        owner is asked first. The service learns from which `address` was asked, and never what a stranger says of it.
        """
        kept = inward(headers) + ([(CLIENT_HEADER, address)] if address else [])
        vouched = await self._vouched_ahead(service, target, caller) if isinstance(body, Upload) else frozenset()
        token = self._mint.vouching(caller, vouched) if vouched else self._mint.token(caller)
        while True:
            passed = await self._once(service, method, target, kept, body, token)
            if passed.status != 422 or len(vouched) == _MOST_REFERENCES or not isinstance(passed.body, bytes):
                return passed
            if isinstance(body, Upload):
                return passed
            reference = await self._seen_by_owner(passed.body, caller, vouched)
            if reference is None:
                return passed
            vouched |= {reference}
            token = self._mint.vouching(caller, vouched)

    async def _once(
        self, service: str, method: str, target: str, headers: Headers, body: bytes | Upload, token: str
    ) -> Passed:
        async with AsyncExitStack() as stack:
            response = await stack.enter_async_context(
                self._upstreams.open(service, method, target, token=token, headers=headers, body=body or None)
            )
            if response.status == 401:
                # Our caller is signed in: a service that says otherwise does not believe our token.
                log.error("internal token refused", upstream=service)
                raise Unavailable(f"{service} does not take the gateway's word.")
            kept = outward(response.headers.items())
            length = response.content_length
            if method == "HEAD" or (length is not None and length <= STREAMED_ABOVE) or response.status == 422:
                answer = await whole(service, response)
                return Passed(answer.status, kept, answer.body)
            return Passed(response.status, kept, _stream(response, stack.pop_all()))
        raise AssertionError  # an exit stack swallows nothing

    async def _vouched_ahead(self, service: str, target: str, caller: Principal) -> frozenset[str]:
        """What an upload is put on, when that is another service's and its owner shows it to the caller."""
        found = told_reference(target)
        if found is None or REFERENCES[found[0]][0] == service:
            return frozenset()
        try:
            seen = await self._shown(*found, caller)
        except Unavailable:
            return frozenset()  # the service's own copy may do
        return frozenset({f"{found[0]}/{found[1]}"} if seen else ())

    async def _seen_by_owner(self, problem: bytes, caller: Principal, vouched: frozenset[str]) -> str | None:
        try:
            found = unknown_reference(orjson.loads(problem))
        except orjson.JSONDecodeError:
            return None
        if found is None or f"{found[0]}/{found[1]}" in vouched:
            return None
        return f"{found[0]}/{found[1]}" if await self._shown(*found, caller) else None

    async def _shown(self, noun: str, id: UUID, caller: Principal) -> bool:
        """Whether the owner of a thing shows it to the caller; Unavailable when the owner is unwell."""
        owner, collection = REFERENCES[noun]
        answer = await self._upstreams.ask(owner, "GET", f"/api/v1/{collection}/{id}", token=self._mint.token(caller))
        if answer.status >= 500:
            # An owner that is unwell refutes nothing: the request would be refused for ever for what is a moment.
            raise Unavailable(f"{owner} is away.")
        return answer.status == 200


async def _stream(response: aiohttp.ClientResponse, stack: AsyncExitStack) -> AsyncGenerator[bytes, None]:
    # An owner that breaks off mid-way raises here: the client's connection is cut, never ended as if complete.
    async with stack:
        async for chunk in response.content.iter_chunked(_CHUNK):
            yield chunk
