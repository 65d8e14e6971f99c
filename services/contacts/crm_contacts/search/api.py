"""HTTP door of search."""

from functools import partial
from typing import Annotated

from crm_chassis.http import JSON, Caller, Tx
from fastapi import APIRouter, Query

from crm_contacts.companies.api import as_shown as company_shown
from crm_contacts.identities.parsing import e164
from crm_contacts.people.api import as_shown as person_shown
from crm_contacts.search import service
from crm_contacts.search.schemas import Found, SearchRequest


def router(region: str) -> APIRouter:
    """The route of search; `region` reads national phone numbers."""
    api = APIRouter(tags=["search"])

    # A transaction, not the autocommit reader: the time limit must end with it.
    @api.get("/search", response_model=Found)
    async def search(query: Annotated[SearchRequest, Query()], caller: Caller, tx: Tx) -> JSON:
        """People and companies the caller may see, by name, number or e-mail."""
        hits = await service.search(tx, caller, query.q, partial(e164, region=region))
        return JSON(
            {
                "people": [person_shown(row) for row in hits.people],
                "companies": [company_shown(row) for row in hits.companies],
                "notice": hits.notice,
            }
        )

    return api
