"""Search as the API takes and gives it."""

from typing import Annotated, Literal

from crm_chassis.text import OneLine, not_blank
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from crm_contacts.companies.schemas import CompanyOut
from crm_contacts.people.schemas import PersonOut


class SearchRequest(BaseModel):
    """What stands in the search box: a part of a name, a number or its end, an e-mail's beginning."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[OneLine, StringConstraints(min_length=1, max_length=100), AfterValidator(not_blank)]


class Found(BaseModel):
    """At most 20 of each. `notice`: `alike` when only similar names were found, `too_slow` when time ran out."""

    people: list[PersonOut]
    companies: list[CompanyOut]
    notice: Literal["alike", "too_slow"] | None
