"""Search as the API takes and gives it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from crm_contacts.companies.schemas import CompanyOut
from crm_contacts.identities.schemas import SearchText
from crm_contacts.people.schemas import PersonOut


class SearchRequest(BaseModel):
    """What stands in the search box: a part of a name, a number or its end, an e-mail's beginning."""

    model_config = ConfigDict(extra="forbid")

    q: SearchText


class Found(BaseModel):
    """At most 20 of each. `notice`: `alike` when only similar names were found, `too_slow` when time ran out."""

    people: list[PersonOut]
    companies: list[CompanyOut]
    notice: Literal["alike", "too_slow"] | None
