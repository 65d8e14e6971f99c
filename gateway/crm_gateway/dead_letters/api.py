"""Routes: /dead-letters — what any service gave up, shown and redriven by administrators.

The gateway's own letters come from its database, those of a service from that service.
"""

import asyncio
from typing import Annotated, get_args
from uuid import UUID

from crm_chassis import dead_letter_api as own
from crm_chassis import dead_letters
from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.http import JSON, Caller, runtime_of
from crm_chassis.paging import Page
from crm_chassis.problems import Problem
from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from crm_gateway.dead_letters import schemas
from crm_gateway.dead_letters.schemas import Service
from crm_gateway.proxy.api import response_of
from crm_gateway.proxy.rules import target
from crm_gateway.proxy.service import Passed, Proxy

_COUNT_S = 2.0
_SERVICES: tuple[Service, ...] = get_args(Service)


def router(proxy: Proxy) -> APIRouter:
    """The letters of all services."""
    routes = APIRouter(tags=["dead-letters"])

    @routes.get("/dead-letters", response_model=schemas.Overview)
    async def overview(request: Request, caller: Caller) -> Response:
        """How many letters wait in each service."""
        require(caller, own.NOUN, "read")
        counts = await asyncio.gather(*(_waiting(proxy, request, caller, service) for service in _SERVICES))
        pairs = zip(_SERVICES, counts, strict=True)
        return JSON({"services": [{"service": service, "waiting": count} for service, count in pairs]})

    @routes.get("/dead-letters/{service}", response_model=Page[own.DeadLetter])
    async def list_letters(
        request: Request, caller: Caller, service: Service, query: Annotated[own.DeadLetterQuery, Query()]
    ) -> Response:
        """The letters of a service, the newest first, without the messages themselves."""
        require(caller, own.NOUN, "read")
        if service == "gateway":
            async with runtime_of(request).database.read() as connection:
                return await own.listed(connection, caller, query)
        return await _passed(proxy, request, caller, service, "")

    @routes.get("/dead-letters/{service}/{id}", response_model=own.WholeDeadLetter)
    async def show_letter(request: Request, caller: Caller, service: Service, id: UUID) -> Response:
        """One letter whole; it may hold personal data."""
        require(caller, own.NOUN, "read")
        if service == "gateway":
            async with runtime_of(request).database.read() as connection:
                return await own.shown(connection, caller, id)
        return await _passed(proxy, request, caller, service, f"/{id}")

    @routes.post("/dead-letters/{service}/redrive", response_model=own.Redriven)
    async def redrive_all(request: Request, caller: Caller, service: Service) -> Response:
        """Every letter of the service that waits is sent to the queue it came from."""
        require(caller, own.NOUN, "update")
        if service == "gateway":
            runtime = runtime_of(request)
            return await own.redriven(runtime.database, runtime.settings.amqp_url, caller, None)
        return await _passed(proxy, request, caller, service, "/redrive")

    @routes.post("/dead-letters/{service}/{id}/redrive", response_model=own.Redriven)
    async def redrive_one(request: Request, caller: Caller, service: Service, id: UUID) -> Response:
        """This letter is sent to the queue it came from."""
        require(caller, own.NOUN, "update")
        if service == "gateway":
            runtime = runtime_of(request)
            return await own.redriven(runtime.database, runtime.settings.amqp_url, caller, id)
        return await _passed(proxy, request, caller, service, f"/{id}/redrive")

    @routes.post("/dead-letters/{service}/{id}/discard", response_model=own.WholeDeadLetter)
    async def discard(request: Request, caller: Caller, service: Service, id: UUID) -> Response:
        """This letter waits no more; it stays to be looked at."""
        require(caller, own.NOUN, "update")
        if service == "gateway":
            async with runtime_of(request).database.transaction() as tx:
                return await own.discarded(tx, caller, id)
        return await _passed(proxy, request, caller, service, f"/{id}/discard")

    return routes


async def _waiting(proxy: Proxy, request: Request, caller: Principal, service: Service) -> int | None:
    if service == "gateway":
        async with runtime_of(request).database.read() as connection:
            return await dead_letters.count_waiting(connection)
    try:
        passed = await proxy.get(service, "/api/v1/dead-letters/waiting", caller, _COUNT_S)
        return own.Waiting.model_validate_json(_bytes(passed)).waiting if passed.status == 200 else None
    except (Problem, ValidationError):
        return None


async def _passed(proxy: Proxy, request: Request, caller: Principal, service: Service, rest: str) -> Response:
    inner = target(f"/api/v1/dead-letters{rest}".encode(), request.scope["query_string"])
    headers = request.headers.items()
    return response_of(await proxy.send(service, request.method, inner, headers, await request.body(), caller))


def _bytes(passed: Passed) -> bytes:
    assert isinstance(passed.body, bytes)
    return passed.body
