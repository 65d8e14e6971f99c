"""Routes: /connections."""

from typing import Annotated, Any
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx, runtime_of
from crm_chassis.paging import ListQuery, Page
from fastapi import APIRouter, Query, Request, Response

from crm_telephony.connections import schemas, service
from crm_telephony.vault import vault_of

routes = APIRouter(tags=["connections"])


def _with_token(shown: schemas.Connection, token: str | None) -> dict[str, Any]:
    return shown.model_dump(mode="json") | {"hook_path": f"/hooks/pbx/{token}" if token else None}


@routes.get("/connections", response_model=Page[schemas.WatchedConnection])
async def list_connections(
    request: Request, caller: Caller, reader: Reader, query: Annotated[ListQuery, Query()]
) -> Response:
    """PBX connections, oldest first, each with what has come of its PBX."""
    vault = vault_of(runtime_of(request))
    items, following = await service.listed(reader, caller, vault, query.cursor, query.limit)
    return JSON({"items": items, "next_cursor": following})


@routes.get("/connections/{id}", response_model=schemas.WatchedConnection)
async def get_connection(request: Request, id: UUID, caller: Caller, reader: Reader) -> Response:
    """One PBX connection with what has come of its PBX: ask again to wait for the first event."""
    shown = await service.got(reader, caller, vault_of(runtime_of(request)), id)
    return JSON(shown, etag=shown.version)


@routes.post("/connections", status_code=201, response_model=schemas.ConnectionWithToken)
async def create_connection(
    request: Request, body: schemas.NewConnection, caller: Caller, tx: Tx, once: Once
) -> Response:
    """The connection exists. `hook_path` is shown in this answer only; a repeated Idempotency-Key gets null."""
    runtime = runtime_of(request)
    settings = runtime.settings
    shown, token = await service.create(
        tx,
        caller,
        vault_of(runtime),
        body,
        region=settings.default_region,
        zone=settings.company_zone,
        at=now(),
    )
    await once.reply(201, _with_token(shown, None), etag=shown.version)
    return JSON(_with_token(shown, token), 201, etag=shown.version)


@routes.patch("/connections/{id}", response_model=schemas.Connection)
async def patch_connection(
    request: Request, id: UUID, body: schemas.ConnectionPatch, caller: Caller, tx: Tx, version: IfMatch
) -> Response:
    """The connection is changed."""
    shown = await service.patch(tx, caller, vault_of(runtime_of(request)), id, version, body, now())
    return JSON(shown, etag=shown.version)


@routes.post("/connections/{id}/rotate-token", response_model=schemas.ConnectionWithToken)
async def rotate_connection_token(
    request: Request, id: UUID, caller: Caller, tx: Tx, version: IfMatch, once: Once
) -> Response:
    """The old hook path leads nowhere; the new one is shown in this answer only."""
    shown, token = await service.rotate_token(tx, caller, vault_of(runtime_of(request)), id, version, now())
    await once.reply(200, _with_token(shown, None), etag=shown.version)
    return JSON(_with_token(shown, token), etag=shown.version)
