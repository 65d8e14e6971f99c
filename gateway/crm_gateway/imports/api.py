"""Routes: /imports — the caller's jobs of all kinds. A job itself is its owner's, below /imports/{kind}."""

from typing import Annotated

from crm_chassis.http import JSON, Caller, runtime_of
from crm_chassis.paging import ListQuery
from fastapi import APIRouter, Query, Request, Response

from crm_gateway.card.schemas import Notice
from crm_gateway.imports import schemas, service
from crm_gateway.proxy.api import response_of
from crm_gateway.proxy.service import Passed, Proxy


def router(proxy: Proxy) -> APIRouter:
    """The list of all jobs."""
    routes = APIRouter(tags=["imports"])

    @routes.get("/imports", response_model=schemas.ImportList)
    async def list_all_imports(request: Request, caller: Caller, query: Annotated[ListQuery, Query()]) -> Response:
        """Your imports of every kind, the newest first; those of a service that is away are missing, with a notice."""
        found = await service.page(proxy, runtime_of(request).database, caller, query)
        if isinstance(found, Passed):
            return response_of(found)
        jobs, cursor, away = found
        notices = [
            Notice(code="imports_unavailable", service=name, detail="Its imports can not be shown right now.")
            for name in sorted(away)
        ]
        return JSON({"items": jobs, "next_cursor": cursor, "notices": notices})

    return routes
