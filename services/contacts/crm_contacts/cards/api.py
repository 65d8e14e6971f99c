"""HTTP door of cards: what the gateway splices with the deals' part into one screen."""

from typing import Any
from uuid import UUID

from crm_chassis.aliases import resolve
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.problems import NotFound
from fastapi import APIRouter

from crm_contacts.cards import repository
from crm_contacts.cards.schemas import CompanyCard, PersonCard
from crm_contacts.companies import repository as companies
from crm_contacts.companies.api import as_shown as company_shown
from crm_contacts.people.api import as_shown as person_shown
from crm_contacts.timeline import repository as timeline
from crm_contacts.timeline.api import as_shown as timeline_shown

ITEMS = 50
PEOPLE = 20

router = APIRouter(prefix="/card", tags=["card"])


@router.get("/person/{person_id}", response_model=PersonCard)
async def get_person_card(person_id: UUID, caller: Caller, reader: Reader) -> JSON:
    """A person's card; the id of a card merged away answers with the card that lives on."""
    living = await resolve(reader, "person", person_id)
    row = await repository.person_with_company(reader, caller, living)
    if row is None:
        raise NotFound
    items, cursor = await timeline.page_of_person(reader, caller, living, None, ITEMS)
    body: dict[str, Any] = {
        "person": person_shown(row),
        "company": _company(row.company) if row.company else None,
        "timeline": timeline_shown(items, cursor),
    }
    return JSON(body, etag=row.version)


@router.get("/company/{company_id}", response_model=CompanyCard)
async def get_company_card(company_id: UUID, caller: Caller, reader: Reader) -> JSON:
    """A company's card."""
    row = await companies.one(reader, caller, company_id)
    if row is None:
        raise NotFound
    people = await repository.people_of(reader, caller, company_id, PEOPLE)
    items, cursor = await timeline.page_of_company(reader, caller, company_id, None, ITEMS)
    body = {
        "company": company_shown(row),
        "people": [person_shown(person) for person in people],
        "timeline": timeline_shown(items, cursor),
    }
    return JSON(body, etag=row.version)


def _company(told: dict[str, Any]) -> dict[str, Any]:
    return {**{name: told[name] for name in ("id", "name", "owner_id")}, **told["reach"]}
