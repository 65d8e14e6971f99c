"""Routes: /calls, reading, and what came of a call. Dialling is in dialing/api.py."""

from typing import Annotated
from uuid import UUID

from crm_chassis.http import JSON, Caller, IfMatch, Reader, Tx, runtime_of
from crm_chassis.paging import Page
from fastapi import APIRouter, Query, Request, Response

from crm_telephony.calls import outcomes, schemas, service

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


@routes.patch("/calls/{id}", response_model=schemas.CallWithLegs)
async def patch_call(id: UUID, patch: schemas.CallPatch, version: IfMatch, caller: Caller, tx: Tx) -> Response:
    """What came of the call, as its employee says; 409 `still_ringing` before anybody can know."""
    shown = await outcomes.patch_call(tx, caller, id, patch, version)
    return JSON(shown, etag=shown["version"])
