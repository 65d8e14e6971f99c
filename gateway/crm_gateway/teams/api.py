"""Routes: /teams."""

from typing import Annotated, Any
from uuid import UUID

from crm_chassis.access.policy import admits, require, visible
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.filters import Filters, prefix
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import ListQuery, Page
from crm_chassis.problems import Forbidden, NotFound
from crm_chassis.text import Line
from fastapi import APIRouter, Query, Response

from crm_gateway.teams import repository, schemas, service
from crm_gateway.teams.models import team

routes = APIRouter(tags=["teams"])

FILTERS = Filters({"name": prefix(team.c.name)})


class TeamQuery(ListQuery):
    """Filters of the list of teams; `name` is a prefix."""

    name: Line | None = None


@routes.get("/teams", response_model=Page[schemas.Team])
async def list_teams(caller: Caller, reader: Reader, query: Annotated[TeamQuery, Query()]) -> Response:
    """Teams by name."""
    statement = FILTERS.apply(repository.LIST, query).where(visible(caller, "team", "read", team.c.lead_id))
    statement = repository.ORDER.apply(statement, query.cursor, query.limit)
    rows, following = repository.ORDER.page((await reader.execute(statement)).all(), query.limit)
    return JSON({"items": [_team(row) for row in rows], "next_cursor": following})


@routes.get("/teams/{team_id}", response_model=schemas.Team)
async def get_team(caller: Caller, reader: Reader, team_id: UUID) -> Response:
    """One team."""
    row = await repository.get(reader, team_id)
    if row is None or not admits(caller, "team", "read", row.lead_id, row.id):
        raise NotFound
    return JSON(_team(row), etag=row.version)


@routes.post("/teams", status_code=201, response_model=schemas.Team)
async def create_team(caller: Caller, tx: Tx, once: Once, body: schemas.TeamCreate) -> Response:
    """A new team."""
    require(caller, "team", "create")
    row = await service.create(tx, body.model_dump(), now())
    return await once.reply(201, _team(row), etag=row.version)


@routes.patch("/teams/{team_id}", response_model=schemas.Team)
async def change_team(caller: Caller, tx: Tx, version: IfMatch, team_id: UUID, body: schemas.TeamPatch) -> Response:
    """The team after a merge patch."""
    await _changeable(tx, caller, team_id, "update")
    row = await service.change(tx, team_id, version, body.model_dump(exclude_unset=True), now())
    return JSON(_team(row), etag=row.version)


@routes.delete("/teams/{team_id}", status_code=204)
async def remove_team(caller: Caller, tx: Tx, version: IfMatch, team_id: UUID) -> Response:
    """There is no such team any more. 409 `team_in_use` while somebody is in it."""
    await _changeable(tx, caller, team_id, "delete")
    await service.remove(tx, team_id, version, now())
    return Response(status_code=204)


async def _changeable(tx: Tx, caller: Principal, team_id: UUID, action: str) -> None:
    row = await repository.get(tx.connection, team_id)
    if row is None or not admits(caller, "team", "read", row.lead_id, row.id):
        raise NotFound
    if not admits(caller, "team", action, row.lead_id, row.id):
        raise Forbidden("Only an administrator changes teams.")


def _team(row: Any) -> schemas.Team:
    return schemas.Team.model_validate(row, from_attributes=True)
