"""Routes: /roles."""

from typing import Annotated

from crm_chassis.access.policy import require
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.paging import ListQuery, Page
from fastapi import APIRouter, Query, Response

from crm_gateway.roles import repository, schemas

routes = APIRouter(tags=["roles"])


@routes.get("/roles", response_model=Page[schemas.Role])
async def list_roles(caller: Caller, reader: Reader, query: Annotated[ListQuery, Query()]) -> Response:
    """The roles there are by name, and what each may do."""
    require(caller, "user", "read")
    statement = repository.ORDER.apply(repository.LIST, query.cursor, query.limit)
    rows, following = repository.ORDER.page((await reader.execute(statement)).all(), query.limit)
    return JSON({"items": [{"name": row.name, "grants": row.grants} for row in rows], "next_cursor": following})
