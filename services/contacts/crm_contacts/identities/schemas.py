"""Phones and e-mails as the API takes them; it gives them as the contract's Phone and Email."""

from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from crm_chassis.access.policy import Whose
from crm_chassis.ids import new_id
from crm_chassis.paging import ListQuery
from crm_chassis.problems import FieldError, Invalid
from crm_chassis.text import OneLine, not_blank
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from crm_contacts.identities import parsing
from crm_contacts.identities.rules import Entry, Identity, reconcile

PhoneKind = Literal["mobile", "work", "home", "other"]


def _address(value: str) -> str:
    try:
        address = parsing.address(value)
    except ValueError as error:
        raise PydanticCustomError("bad_address", "{why}", {"why": str(error)}) from error
    if address.casefold() != value.casefold():
        raise PydanticCustomError("bad_address", "written plainly it is {address}", {"address": address})
    return address


PhoneText = Annotated[OneLine, StringConstraints(min_length=1, max_length=64), AfterValidator(not_blank)]
SearchText = Annotated[OneLine, StringConstraints(min_length=1, max_length=100), AfterValidator(not_blank)]
Address = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254),
    Field(json_schema_extra={"format": "email"}),
    AfterValidator(_address),
]


class PhoneInput(BaseModel):
    """A phone as typed. A text that is no valid number is kept, and never matches a call."""

    model_config = ConfigDict(extra="forbid")

    raw: PhoneText
    kind: PhoneKind = "mobile"


class EmailInput(BaseModel):
    """An e-mail address as typed; its form is checked, its existence is not."""

    model_config = ConfigDict(extra="forbid")

    address: Address


class Reachable(BaseModel):
    """The part of a body that says how a card is reached; a list replaces the card's whole list."""

    model_config = ConfigDict(extra="forbid")

    phones: Annotated[list[PhoneInput], Field(max_length=20)] = []
    emails: Annotated[list[EmailInput], Field(max_length=20)] = []


def entries(body: Reachable, region: str) -> list[Entry]:
    """Phones and e-mails in the form they are compared in; `region` reads national numbers."""
    return [
        *(parsing.phone(phone.raw, phone.kind, region) for phone in body.phones),
        *(parsing.email(email.address) for email in body.emails),
    ]


def relisted(current: Sequence[Identity], patch: Reachable, region: str) -> tuple[Identity, ...]:
    """The card's identities after the patch: lists sent are taken, with the ids equal entries had; others stay."""
    sent = {field.removesuffix("s") for field in patch.model_fields_set & {"phones", "emails"}}
    wanted = [identity.entry for identity in current if identity.entry.kind not in sent]
    listed = reconcile(current, [*wanted, *entries(patch, region)], new_id)
    return tuple(sorted(listed, key=lambda identity: identity.entry.kind, reverse=True))


class IdentityQuery(ListQuery):
    """The part of a list's query that is of both kinds of card; phone and e-mail match whole, `q` as in the search."""

    q: Annotated[
        SearchText | None, Field(description="A part of a name, a number or its end, an e-mail's beginning")
    ] = None
    whose: Annotated[Whose | None, Field(description="The caller's, their team's, or nobody's")] = None

    phone: Annotated[str | None, Field(max_length=64)] = None
    email: Annotated[OneLine, StringConstraints(max_length=254)] | None = None


Q = TypeVar("Q", bound=IdentityQuery)


def comparable(query: Q, region: str) -> Q:
    """The query with phone and e-mail in the form they are compared in; Invalid for no valid number."""
    phone = parsing.e164(query.phone, region) if query.phone is not None else None
    if query.phone is not None and phone is None:
        raise Invalid([FieldError("phone", "invalid_phone", "This is no valid phone number.")])
    email = query.email.strip().lower() if query.email is not None else None
    return query.model_copy(update={"phone": phone, "email": email})
