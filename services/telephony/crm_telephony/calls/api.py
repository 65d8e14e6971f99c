"""Routes: /calls, reading. Dialling is in dialing/api.py."""

from typing import Annotated
from uuid import UUID

from crm_chassis.http import JSON, Caller, Reader, runtime_of
from crm_chassis.paging import Page
from fastapi import APIRouter, Query, Request, Response

from crm_telephony.calls import schemas, service

routes = APIRouter(tags=["calls"])


@routes.get("/calls", response_model=Page[schemas.Call])
async def list_calls(
    request: Request, caller: Caller, reader: Reader, query: Annotated[schemas.CallsQuery, Query()]
) -> Response:
    """Calls, newest first."""
    region = runtime_of(request).settings.default_region
    items, following = await service.listed(reader, caller, query, region)
    return JSON({"items": items, "next_cursor": following})


@routes.get("/calls/{id}", response_model=schemas.CallWithLegs)
async def get_call(id: UUID, caller: Caller, reader: Reader) -> Response:
    """One call with its legs."""
    shown = await service.got(reader, caller, id)
    return JSON(shown, etag=shown["version"])
