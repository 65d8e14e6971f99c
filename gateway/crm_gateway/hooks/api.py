"""Routes: /hooks — the doors of PBXs and SMS gateways; public, known by the token in the path."""

from crm_chassis.clock import now
from crm_chassis.context import current
from crm_chassis.http import runtime_of
from crm_chassis.problems import NotFound, TooLarge
from fastapi import APIRouter, Request, Response

from crm_gateway.addresses import remote_address
from crm_gateway.hooks.rules import MAX_BODY_BYTES, Arrival, could_be_token
from crm_gateway.hooks.service import Hooks
from crm_gateway.proxy.api import response_of
from crm_gateway.proxy.rules import is_plain, target
from crm_gateway.settings import GatewaySettings


def router(settings: GatewaySettings, hooks: Hooks) -> APIRouter:
    """The public doors. No session: the token in the path names the connection, the owner checks the signature."""
    routes = APIRouter(tags=["hooks"])

    @routes.api_route("/hooks/pbx/{token}/{vendor_path:path}", methods=["GET", "POST"], include_in_schema=False)
    async def pbx_at(request: Request, token: str, vendor_path: str) -> Response:
        """An event or a question of a PBX that has a path for each."""
        arrival = await _arrival(request, token)
        return response_of(await hooks.pbx(runtime_of(request), token, vendor_path, arrival))

    @routes.post("/hooks/pbx/{token}", operation_id="gateway_pbx_hook")
    async def pbx(request: Request, token: str) -> Response:
        """An event of a PBX, at most 256 KiB, answered as its vendor expects; kept if telephony is away."""
        return await pbx_at(request, token, "")

    @routes.get("/hooks/pbx/{token}", operation_id="gateway_pbx_check")
    async def pbx_check(request: Request, token: str) -> Response:
        """Some vendors first ask whether the address is ours."""
        return await pbx_at(request, token, "")

    @routes.api_route("/hooks/sms/{token}/{vendor_path:path}", methods=["GET", "POST"], include_in_schema=False)
    @routes.api_route("/hooks/sms/{token}", methods=["GET", "POST"], include_in_schema=False)
    async def sms(request: Request, token: str) -> Response:
        """A delivery receipt of an SMS gateway."""
        return response_of(await hooks.sms(token, await _arrival(request, token)))

    async def _arrival(request: Request, token: str) -> Arrival:
        raw_path: bytes = request.scope["raw_path"]
        if not could_be_token(token) or not is_plain(raw_path):
            raise NotFound
        arrived_at = now()
        where = target(raw_path, request.scope["query_string"])
        peer = request.client.host if request.client else ""
        return Arrival(
            method=request.method,
            target=where,
            public_url=settings.public_origin + where,
            headers=request.headers.items(),
            body=await _body(request),
            remote_ip=remote_address(peer, request.headers.get("x-forwarded-for"), settings.trusted_proxies),
            arrived_at=arrived_at,
            correlation_id=current().correlation_id,
        )

    return routes


async def _body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "0")
    body = bytearray()
    if not declared.isdigit() or int(declared) > MAX_BODY_BYTES:
        raise TooLarge(f"At most {MAX_BODY_BYTES} bytes are taken.")
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"At most {MAX_BODY_BYTES} bytes are taken.")
    return bytes(body)
