"""Routes: /connections/{id}/extensions."""

from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Reader, Tx
from fastapi import APIRouter, Response

from crm_telephony.extensions import schemas, service

routes = APIRouter(tags=["connections"])


@routes.get("/connections/{id}/extensions", response_model=schemas.ExtensionsAnswer)
async def get_extensions(id: UUID, caller: Caller, reader: Reader) -> Response:
    """Whose each extension is, and was."""
    return JSON(await service.shown(reader, caller, id))


@routes.put("/connections/{id}/extensions", response_model=schemas.ExtensionsAnswer)
async def put_extensions(id: UUID, body: schemas.ExtensionsBody, caller: Caller, tx: Tx) -> Response:
    """The map is as given from now on; calls before keep whom they rang. 409 when `replaces` is not what holds."""
    return JSON(await service.replace(tx, caller, id, body, now()))
