"""HTTP door of companies."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query, Response

from crm_contacts.companies import repository, service
from crm_contacts.companies.schemas import CompanyCreate, CompanyOut, CompanyPatch, CompanyQuery
from crm_contacts.identities.parsing import e164
from crm_contacts.identities.schemas import comparable
from crm_contacts.search.service import understood


def router(region: str) -> APIRouter:
    """Routes of companies; `region` reads national phone numbers."""
    api = APIRouter(prefix="/companies", tags=["companies"])

    @api.get("", response_model=Page[CompanyOut])
    async def list_companies(query: Annotated[CompanyQuery, Query()], caller: Caller, reader: Reader) -> JSON:
        """Companies the caller may see, one keyset page."""
        wanted = understood(query.q, partial(e164, region=region))
        rows, cursor = await repository.page(reader, caller, comparable(query, region), wanted)
        return JSON({"items": [as_shown(row) for row in rows], "next_cursor": cursor})

    @api.post("", status_code=201, response_model=CompanyOut)
    async def create_company(body: CompanyCreate, caller: Caller, tx: Tx, once: Once) -> JSON:
        """A new card."""
        company = await service.create(tx, caller, body, region)
        return await once.reply(201, service.told(company), etag=company.version)

    @api.get("/{company_id}", response_model=CompanyOut)
    async def get_company(company_id: UUID, caller: Caller, reader: Reader) -> JSON:
        """The company."""
        row = await repository.one(reader, caller, company_id)
        if row is None:
            raise NotFound
        return JSON(as_shown(row), etag=row.version)

    @api.patch("/{company_id}", response_model=CompanyOut)
    async def change_company(company_id: UUID, patch: CompanyPatch, version: IfMatch, caller: Caller, tx: Tx) -> JSON:
        """The company after a JSON merge patch."""
        company = await service.change(tx, caller, company_id, patch, version, region)
        return JSON(service.told(company), etag=company.version)

    @api.delete("/{company_id}", status_code=204)
    async def remove_company(company_id: UUID, version: IfMatch, caller: Caller, tx: Tx) -> Response:
        """The card, entered by mistake, is gone; 409 `in_use` when people or history hang on it."""
        await service.remove(tx, caller, company_id, version)
        return Response(status_code=204)

    return api


def as_shown(row: sa.Row[Any]) -> dict[str, Any]:
    """The JSON of CompanyOut from a row of `repository.shown`."""
    return {
        "id": row.id,
        "name": row.name,
        "owner_id": row.owner_id,
        **row.reach,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }
