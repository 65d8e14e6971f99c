"""Routes of the PBX webhooks: /hooks/pbx/{token}. Only the gateway calls them, on behalf of the PBX."""

import asyncio
from typing import Annotated

import structlog
from crm_chassis.clock import now
from crm_chassis.database import is_infrastructure
from crm_chassis.http import JSON, Caller, runtime_of
from crm_chassis.problems import NotFound, TooLarge
from fastapi import APIRouter, Depends, Query, Request, Response

from crm_telephony.arrivals import service as arrivals
from crm_telephony.calls.worker import BELL
from crm_telephony.hooks import service
from crm_telephony.numbers.rules import normalise
from crm_telephony.phone_index import service as phone_index
from crm_telephony.vault import vault_of
from crm_telephony.vendors.port import HookRequest

MAX_BODY = 256 * 1024
LOOK_UP_BUDGET_S = 0.3

routes = APIRouter(include_in_schema=False)
log = structlog.get_logger()


async def _from_gateway(caller: Caller) -> None:
    if not caller.is_system:
        raise NotFound


async def _raw_body(request: Request) -> bytes:
    """The body untouched, read before a database connection is taken; TooLarge above the cap."""
    declared = request.headers.get("content-length", "0")
    body = b""
    if not declared.isdigit() or int(declared) <= MAX_BODY:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                break
        else:
            return body
    raise TooLarge(f"A webhook has at most {MAX_BODY} bytes.")


def _edge_says(request: Request, name: str) -> str | None:
    """The gateway's own header: it comes after whatever a stranger sent under the same name."""
    given = request.headers.getlist(name)
    return given[-1] if given else None


FromGateway = Depends(_from_gateway)
RawBody = Annotated[bytes, Depends(_raw_body)]


@routes.post("/hooks/pbx/{token}", dependencies=[FromGateway])
@routes.post("/hooks/pbx/{token}/{vendor_path:path}", dependencies=[FromGateway])
async def receive_webhook(request: Request, token: str, body: RawBody) -> Response:
    """The webhook is kept and will be folded; the answer is what the vendor wants to hear. A refusal is counted."""
    runtime = runtime_of(request)
    hook = HookRequest(
        path=str(request.path_params.get("vendor_path", "")).strip("/"),
        body=body,
        arrived_at=service.arrival(_edge_says(request, "x-hook-arrived-at"), now()),
        headers=dict(request.headers),
        remote_ip=_edge_says(request, "x-hook-remote-ip"),
    )
    try:
        async with runtime.database.transaction() as tx:
            vendor = await service.receive(tx, vault_of(runtime), token, hook)
    except service.WebhookRefused as refused:
        async with runtime.database.transaction() as tx:  # the first one has left nothing
            await arrivals.refuse(tx, refused.connection_id, refused.reason, hook.arrived_at)
        raise refused.problem from refused
    runtime.bell(BELL).set()
    return Response(vendor.answer_body, media_type=vendor.answer_content_type)


@routes.get("/hooks/pbx/{token}", dependencies=[FromGateway])
async def answer_check(request: Request, token: str) -> Response:
    """Yes, for a vendor that asks whether the address is ours before it sends anything there."""
    async with runtime_of(request).database.read() as connection:
        await service.connection_of(connection, token)
    return Response("ok", media_type="text/plain")


@routes.get("/hooks/pbx/{token}/lookup", dependencies=[FromGateway])
async def look_up_caller(
    request: Request, token: str, phone: Annotated[str, Query(min_length=1, max_length=64)]
) -> Response:
    """Who is calling, by the copy, within 300 ms; "unknown" rather than fail, for a call is waiting."""
    try:
        async with asyncio.timeout(LOOK_UP_BUDGET_S), runtime_of(request).database.read() as connection:
            connection_id, region = await service.connection_of(connection, token)
            e164 = normalise(phone, region).e164
            found = await phone_index.look_up(connection, connection_id, e164) if e164 else phone_index.unknown()
    except Exception as error:
        if not is_infrastructure(error):
            raise
        log.warning("look-up failed", reason=type(error).__name__)
        found = phone_index.unknown()
    return JSON(found)
