"""HTTP door of the timeline."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.aliases import resolve
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.paging import ListQuery, Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query

from crm_contacts.timeline import repository
from crm_contacts.timeline.schemas import TimelineItem

router = APIRouter(tags=["timeline"])


@router.get("/people/{person_id}/timeline", response_model=Page[TimelineItem])
async def get_person_timeline(
    person_id: UUID, query: Annotated[ListQuery, Query()], caller: Caller, reader: Reader
) -> JSON:
    """The person's history, latest first; items of nouns the caller may not see are left out."""
    living = await resolve(reader, "person", person_id)
    if not await repository.sees_person(reader, caller, living):
        raise NotFound
    rows, cursor = await repository.page_of_person(reader, caller, living, query.cursor, query.limit)
    return JSON(as_shown(rows, cursor))


@router.get("/companies/{company_id}/timeline", response_model=Page[TimelineItem])
async def get_company_timeline(
    company_id: UUID, query: Annotated[ListQuery, Query()], caller: Caller, reader: Reader
) -> JSON:
    """The history of the company's deals and of its people, latest first."""
    if not await repository.sees_company(reader, caller, company_id):
        raise NotFound
    rows, cursor = await repository.page_of_company(reader, caller, company_id, query.cursor, query.limit)
    return JSON(as_shown(rows, cursor))


def as_shown(rows: Sequence[sa.Row[Any]], cursor: str | None) -> dict[str, Any]:
    """The JSON of a page of TimelineItem."""
    items = [
        {
            "id": row.id,
            "kind": row.kind,
            "person_id": row.person_id,
            "happened_at": row.happened_at,
            "owner_id": row.owner_id,
            "correlation_id": row.correlation_id,
            "version": row.sequence,
            "data": row.data,
            "pii": row.pii,
        }
        for row in rows
    ]
    return {"items": items, "next_cursor": cursor}
