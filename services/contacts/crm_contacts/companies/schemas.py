"""Companies as the API takes and gives them."""

from typing import Literal
from uuid import UUID

from crm_chassis.moments import Moment
from crm_chassis.text import Line
from crm_contracts.contacts import Email, Phone
from pydantic import AwareDatetime, BaseModel

from crm_contacts.identities.schemas import IdentityQuery, Reachable


class CompanyCreate(Reachable):
    """A new card. Left out, the owner is the caller; null leaves the card unassigned."""

    name: Line
    owner_id: UUID | None = None


class CompanyPatch(Reachable):
    """A JSON merge patch: only what is sent changes, lists are replaced whole. Defaults are never read."""

    name: Line = ""
    owner_id: UUID | None = None


class CompanyOut(BaseModel):
    """A company."""

    id: UUID
    name: str
    owner_id: UUID | None
    phones: list[Phone]
    emails: list[Email]
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class CompanyQuery(IdentityQuery):
    """Filters of the list; `phone` and `email` match whole, times are from (inclusive) to before."""

    owner_id: UUID | None = None
    created_from: Moment | None = None
    created_before: Moment | None = None
    sort: Literal["name", "-created_at"] = "-created_at"
