"""People as the API takes and gives them."""

from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.moments import Moment
from crm_chassis.text import Line, OneLine
from crm_contracts.contacts import Email, OwnerSource, Phone
from pydantic import AwareDatetime, BaseModel, StringConstraints

from crm_contacts.identities.schemas import IdentityQuery, Reachable

Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
Source = Annotated[OneLine, StringConstraints(min_length=1, max_length=60)]


class PersonCreate(Reachable):
    """A new card. Left out, the owner is the caller; null leaves the card unassigned."""

    name: Line
    company_id: UUID | None = None
    owner_id: UUID | None = None
    source: Source = "manual"
    locale: Locale | None = None


class PersonPatch(Reachable):
    """A JSON merge patch: only what is sent changes, lists are replaced whole. Defaults are never read."""

    name: Line = ""
    company_id: UUID | None = None
    owner_id: UUID | None = None
    locale: Locale | None = None


class PersonOut(BaseModel):
    """A person. `owner_source` tells who decided the owner: a rule, the first answer, or a human."""

    id: UUID
    name: str
    company_id: UUID | None
    owner_id: UUID | None
    owner_source: OwnerSource
    source: str
    locale: str | None
    phones: list[Phone]
    emails: list[Email]
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class Duplicate(BaseModel):
    """A card the caller may see that shares `matches` (phones in E.164, addresses) with the new one."""

    id: UUID
    name: str
    matches: list[str]


class PersonCreated(PersonOut):
    """The new person, and the cards it may be a duplicate of."""

    duplicates: list[Duplicate]


class PersonQuery(IdentityQuery):
    """Filters of the list; `phone` and `email` match whole, times are from (inclusive) to before."""

    owner_id: UUID | None = None
    company_id: UUID | None = None
    source: Source | None = None
    created_from: Moment | None = None
    created_before: Moment | None = None
    sort: Literal["name", "-created_at"] = "-created_at"
