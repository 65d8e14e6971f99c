"""/templates: the admin's and the sales head's wording."""

from typing import Annotated
from uuid import UUID

from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Path, Query

from crm_notifications.house import House
from crm_notifications.templates import repository, service
from crm_notifications.templates.schemas import (
    NewTemplate,
    PreviewOut,
    PreviewRequest,
    TemplateOut,
    TemplatePatch,
    TemplateQuery,
)


def templates_router(house: House) -> APIRouter:
    """The routes of /templates."""
    router = APIRouter(prefix="/templates", tags=["templates"])

    @router.get("", response_model=Page[TemplateOut])
    async def list_templates(caller: Caller, connection: Reader, query: Annotated[TemplateQuery, Query()]) -> JSON:
        """Templates by key, locale and channel."""
        if caller.scope("template", "read") is None:
            return JSON(Page[TemplateOut](items=[], next_cursor=None))
        rows, cursor = await repository.page(connection, query)
        return JSON({"items": [service.out(row) for row in rows], "next_cursor": cursor})

    @router.post("", status_code=201, response_model=TemplateOut)
    async def create_template(caller: Caller, tx: Tx, once: Once, body: NewTemplate) -> JSON:
        """A new template; only allow-listed variables, few filters and `if` may stand in it."""
        row = await service.create(tx, caller, body)
        return await once.reply(201, service.out(row), etag=row.version)

    @router.get("/{template_id}", response_model=TemplateOut)
    async def get_template(caller: Caller, connection: Reader, template_id: UUID) -> JSON:
        """One template."""
        row = await repository.find(connection, template_id)
        if row is None or caller.scope("template", "read") is None:
            raise NotFound
        return JSON(service.out(row), etag=row.version)

    @router.patch("/{template_id}", response_model=TemplateOut)
    async def change_template(caller: Caller, tx: Tx, version: IfMatch, template_id: UUID, body: TemplatePatch) -> JSON:
        """Merge patch of the wording."""
        row = await service.change(tx, caller, template_id, version, body)
        return JSON(service.out(row), etag=row.version)

    @router.post("/{key}/preview", response_model=PreviewOut)
    async def preview_template(
        caller: Caller,
        connection: Reader,
        key: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")],
        body: PreviewRequest,
    ) -> JSON:
        """The wording filled with the given variables; nothing is stored or sent."""
        return JSON(await service.preview(connection, caller, house, key, body))

    return router
