"""A card on one screen."""

from uuid import UUID

from crm_chassis.paging import Page
from crm_contracts.contacts import Email, Phone
from pydantic import BaseModel

from crm_contacts.companies.schemas import CompanyOut
from crm_contacts.people.schemas import PersonOut
from crm_contacts.timeline.schemas import TimelineItem


class CardCompany(BaseModel):
    """The company of a person, as much as the card shows."""

    id: UUID
    name: str
    owner_id: UUID | None
    phones: list[Phone]
    emails: list[Email]


class PersonCard(BaseModel):
    """The person, the company if the caller may see it, and the first page of the history."""

    person: PersonOut
    company: CardCompany | None
    timeline: Page[TimelineItem]


class CompanyCard(BaseModel):
    """The company, its first people by name, and the first page of the history."""

    company: CompanyOut
    people: list[PersonOut]
    timeline: Page[TimelineItem]
