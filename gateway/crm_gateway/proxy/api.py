"""Routes: every noun of the services, passed to its owner."""

from crm_chassis.http import Caller
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from crm_gateway.proxy.rules import Headers, is_plain, owner_of, target
from crm_gateway.proxy.service import Passed, Proxy

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def router(proxy: Proxy) -> APIRouter:
    """The catch-all; include it last."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/{noun}", methods=METHODS)
    @routes.api_route("/{noun}/{rest:path}", methods=METHODS)
    async def passed_on(request: Request, caller: Caller, noun: str) -> Response:
        """The owner's answer."""
        service = owner_of(noun)
        raw_path: bytes = request.scope["raw_path"]
        # A closing slash would make the service answer with a redirect to its own, inner address.
        if service is None or not is_plain(raw_path) or raw_path.endswith(b"/"):
            raise NotFound
        passed = await proxy.send(
            service,
            request.method,
            target(raw_path, request.scope["query_string"]),
            request.headers.items(),
            await request.body(),
            caller,
        )
        return response_of(passed)

    return routes


def response_of(passed: Passed) -> Response:
    """The answer to the client, headers as given."""
    if isinstance(passed.body, bytes):
        response = Response(passed.body, passed.status)
    else:
        response = StreamingResponse(passed.body, passed.status)
    response.raw_headers = _raw(passed)
    return response


def _raw(passed: Passed) -> list[tuple[bytes, bytes]]:
    headers: Headers = passed.headers
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
