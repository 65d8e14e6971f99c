"""Routes: /roles."""

from typing import Annotated

from crm_chassis.access.policy import require
from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import ListQuery, Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query, Response

from crm_gateway.roles import repository, schemas, service
from crm_gateway.roles.repository import Row
from crm_gateway.sessions.directory import SessionDirectory


def router(directory: SessionDirectory) -> APIRouter:
    """Roles: read by everybody who sees colleagues, made and changed by administrators."""
    routes = APIRouter(tags=["roles"])

    @routes.get("/roles", response_model=Page[schemas.Role])
    async def list_roles(caller: Caller, reader: Reader, query: Annotated[ListQuery, Query()]) -> Response:
        """The roles there are by name, and what each may do."""
        if caller.scope("user", "read") is None:
            return JSON(Page[schemas.Role](items=[], next_cursor=None))
        statement = repository.ORDER.apply(repository.LIST, query.cursor, query.limit)
        rows, following = repository.ORDER.page((await reader.execute(statement)).all(), query.limit)
        return JSON({"items": [_role(row) for row in rows], "next_cursor": following})

    @routes.get("/roles/{name}", response_model=schemas.Role)
    async def get_role(caller: Caller, reader: Reader, name: schemas.RoleName) -> Response:
        """One role."""
        row = await repository.get(reader, name)
        if row is None or caller.scope("user", "read") is None:
            raise NotFound
        return JSON(_role(row), etag=row.version)

    @routes.post("/roles", status_code=201, response_model=schemas.Role)
    async def create_role(caller: Caller, tx: Tx, once: Once, body: schemas.RoleCreate) -> Response:
        """A new role. You can grant only what you hold yourself; administrators can grant anything."""
        require(caller, "role", "create")
        row = await service.create(tx, caller, body.name, body.grants, now())
        return await once.reply(201, _role(row), etag=row.version)

    @routes.patch("/roles/{name}", response_model=schemas.Role)
    async def change_role(
        caller: Caller, tx: Tx, version: IfMatch, name: schemas.RoleName, body: schemas.RolePatch
    ) -> Response:
        """The role with these grants instead of those it had; holds within two seconds for everybody who has it."""
        if caller.scope("user", "read") is None:
            raise NotFound
        require(caller, "role", "update")
        row = await service.change(tx, caller, name, version, body.grants, now())
        tx.after_commit(lambda: directory.role_changed(name))
        return JSON(_role(row), etag=row.version)

    return routes


def _role(row: Row) -> schemas.Role:
    return schemas.Role(name=row.name, grants=row.grants, version=row.version)
