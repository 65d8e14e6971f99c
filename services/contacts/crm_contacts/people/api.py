"""HTTP door of people."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.aliases import resolve
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query, Response

from crm_contacts.identities.parsing import e164
from crm_contacts.identities.schemas import comparable
from crm_contacts.people import repository, service
from crm_contacts.people.schemas import PersonCreate, PersonCreated, PersonOut, PersonPatch, PersonQuery
from crm_contacts.search.service import understood


def router(region: str) -> APIRouter:
    """Routes of people; `region` reads national phone numbers."""
    api = APIRouter(prefix="/people", tags=["people"])

    @api.get("", response_model=Page[PersonOut])
    async def list_people(query: Annotated[PersonQuery, Query()], caller: Caller, reader: Reader) -> JSON:
        """People the caller may see, one keyset page."""
        wanted = understood(query.q, partial(e164, region=region))
        rows, cursor = await repository.page(reader, caller, comparable(query, region), wanted)
        return JSON({"items": [as_shown(row) for row in rows], "next_cursor": cursor})

    @api.post("", status_code=201, response_model=PersonCreated)
    async def create_person(body: PersonCreate, caller: Caller, tx: Tx, once: Once) -> JSON:
        """A new card; `duplicates` warns of visible cards with the same phone or e-mail."""
        person, duplicates = await service.create(tx, caller, body, region)
        answer = PersonCreated(**dict(service.told(person)), duplicates=duplicates)
        return await once.reply(201, answer, etag=person.version)

    @api.get("/{person_id}", response_model=PersonOut)
    async def get_person(person_id: UUID, caller: Caller, reader: Reader) -> JSON:
        """The person; the id of a card merged away answers with the card that lives on."""
        row = await repository.one(reader, caller, await resolve(reader, "person", person_id))
        if row is None:
            raise NotFound
        return JSON(as_shown(row), etag=row.version)

    @api.patch("/{person_id}", response_model=PersonOut)
    async def change_person(person_id: UUID, patch: PersonPatch, version: IfMatch, caller: Caller, tx: Tx) -> JSON:
        """The person after a JSON merge patch."""
        living = await resolve(tx.connection, "person", person_id)
        person = await service.change(tx, caller, living, patch, version, region)
        return JSON(service.told(person), etag=person.version)

    @api.delete("/{person_id}", status_code=204)
    async def remove_person(person_id: UUID, version: IfMatch, caller: Caller, tx: Tx) -> Response:
        """The card, entered by mistake, is gone; 409 `in_use` when calls, history or merged cards hang on it."""
        await service.remove(tx, caller, await resolve(tx.connection, "person", person_id), version)
        return Response(status_code=204)

    return api


def as_shown(row: sa.Row[Any]) -> dict[str, Any]:
    """The JSON of PersonOut from a row of `repository.shown`."""
    return {
        "id": row.id,
        "name": row.name,
        "company_id": row.company_id,
        "owner_id": row.owner_id,
        "owner_source": row.owner_source,
        "source": row.source,
        "locale": row.locale,
        **row.reach,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }
