"""Routes: every noun of the services, passed to its owner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crm_chassis.problems import MethodNotAllowed, NotFound
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from crm_gateway.proxy.rules import Headers, is_plain, is_upload, owner_of, target
from crm_gateway.proxy.service import Passed, Proxy
from crm_gateway.proxy.transfers import Transfer, Transfers
from crm_gateway.proxy.uploads import Upload
from crm_gateway.rates.limits import Limits
from crm_gateway.sessions.directory import Signed
from crm_gateway.sessions.door import SignedIn

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


def router(proxy: Proxy, transfers: Transfers, limits: Limits) -> APIRouter:
    """The catch-all; include it last."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/{noun}", methods=METHODS)
    @routes.api_route("/{noun}/{rest:path}", methods=METHODS)
    async def passed_on(request: Request, signed: SignedIn, noun: str, rest: str = "") -> Response:
        """The owner's answer."""
        allowed = request.app.state.methods.at(request.url.path)
        if request.method not in allowed:
            # A path of our own that does not serve this method fell through to here.
            raise MethodNotAllowed(allowed)
        service = owner_of(f"{noun}/{rest}")
        raw_path: bytes = request.scope["raw_path"]
        # A closing slash would make the service answer with a redirect to its own, inner address.
        if service is None or not is_plain(raw_path) or raw_path.endswith(b"/"):
            raise NotFound
        async with _body_of(request, transfers, signed) as body:
            passed = await proxy.send(
                service,
                request.method,
                target(raw_path, request.scope["query_string"]),
                request.headers.items(),
                body,
                signed.principal,
                limits.address(request),
            )
        return _under_way(passed, transfers, signed)

    return routes


@asynccontextmanager
async def _body_of(request: Request, transfers: Transfers, signed: Signed) -> AsyncIterator[bytes | Upload]:
    if not is_upload(request.method, request.scope["path"]):
        yield await request.body()
        return
    over = transfers.begin(signed)
    try:
        yield Upload(request, over)
    finally:
        transfers.finish(over)


def response_of(passed: Passed) -> Response:
    """The answer to the client, headers as given."""
    if isinstance(passed.body, bytes):
        return _headed(Response(passed.body, passed.status), passed)
    return _headed(StreamingResponse(passed.body, passed.status), passed)


def _under_way(passed: Passed, transfers: Transfers, signed: Signed) -> Response:
    if isinstance(passed.body, bytes):
        return response_of(passed)
    return _headed(Transfer(passed.body, passed.status, transfers, signed), passed)


def _headed(response: Response, passed: Passed) -> Response:
    response.raw_headers = _raw(passed)
    return response


def _raw(passed: Passed) -> list[tuple[bytes, bytes]]:
    headers: Headers = passed.headers
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
