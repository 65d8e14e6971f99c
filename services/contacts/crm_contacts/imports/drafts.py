"""What a row says of its card, in the forms the API takes, or why it can not be taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from crm_chassis.imports.kinds import Finding, Row
from crm_chassis.text import Line, OneLine
from pydantic import StringConstraints, ValidationError

from crm_contacts.companies.schemas import CompanyCreate
from crm_contacts.identities.rules import Entry, distinct
from crm_contacts.identities.schemas import PhoneKind, entries
from crm_contacts.imports.rules import full_name, several
from crm_contacts.people.schemas import PersonCreate

MAX_REACH = 10
"""Phones and e-mails of one row: each is a lock until its chunk is written, and a server has only so many."""
Colleague = Annotated[OneLine, StringConstraints(max_length=254)]


class PersonCells(PersonCreate):
    """The cells of a person."""

    company: Line | None = None
    owner: Colleague | None = None


class CompanyCells(CompanyCreate):
    """The cells of a company."""

    owner: Colleague | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that can be taken: `owner` and `company` as they are called in the file."""

    row: Row
    name: str
    entries: tuple[Entry, ...]
    owner: str | None
    company: str | None = None
    locale: str | None = None
    source: str | None = None
    doubts: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that can not be taken."""

    row: Row
    errors: tuple[Finding, ...]


def person(row: Row, region: str) -> Draft | Refused:
    """What the row says of a person; `region` reads national numbers."""
    cells: dict[str, Any] = {"name": full_name(row.values)} | _texts(row.values, "company", "owner", "source")
    if locale := row.values.get("locale"):
        cells["locale"] = _locale(locale)
    phones: dict[str, PhoneKind] = {"phone": "mobile", "phone_2": "work", "phone_3": "other"}
    return _draft(row, PersonCells, cells, phones, ("email", "email_2"), region)


def company(row: Row, region: str) -> Draft | Refused:
    """What the row says of a company; `region` reads national numbers."""
    cells: dict[str, Any] = {"name": row.values.get("name", "")} | _texts(row.values, "owner")
    return _draft(row, CompanyCells, cells, {"phone": "work", "phone_2": "other"}, ("email",), region)


def _draft(
    row: Row,
    model: type[PersonCells | CompanyCells],
    cells: dict[str, Any],
    phone_fields: Mapping[str, PhoneKind],
    email_fields: Sequence[str],
    region: str,
) -> Draft | Refused:
    if not cells["name"]:
        return Refused(row, (Finding("error", "required", "There is nothing to call it by.", "name"),))
    phones = [(field, text) for field in phone_fields for text in several(row.values.get(field, ""))]
    emails = [(field, text) for field in email_fields for text in several(row.values.get(field, ""))]
    if len(phones) + len(emails) > MAX_REACH:
        message = f"More than {MAX_REACH} phones and e-mails stand in one row."
        return Refused(row, (Finding("error", "too_many", message),))
    cells["phones"] = [{"raw": text, "kind": phone_fields[field]} for field, text in phones]
    cells["emails"] = [{"address": text} for _, text in emails]
    try:
        body = model.model_validate(cells)
    except ValidationError as error:
        columns = {"phones": [field for field, _ in phones], "emails": [field for field, _ in emails]}
        return Refused(row, tuple(_refusal(each, columns) for each in error.errors(include_input=False)))
    given = entries(body, region)
    odd = [field for (field, _), entry in zip(phones, given, strict=False) if entry.value is None]
    return Draft(
        row,
        body.name,
        tuple(distinct(given)),
        body.owner,
        company=getattr(body, "company", None),
        locale=getattr(body, "locale", None),
        source=getattr(body, "source", None) if "source" in cells else None,
        doubts=tuple(Finding("doubt", "odd_phone", "It is no valid phone number.", field) for field in odd),
    )


def _texts(values: Mapping[str, str], *fields: str) -> dict[str, str]:
    return {field: values[field] for field in fields if field in values}


def _locale(text: str) -> str:
    """`SL` and `sl_si` as the API writes them; another text as it is, for it to be refused."""
    language, _, country = text.replace("_", "-").partition("-")
    return language.lower() + (f"-{country.upper()}" if country else "")


def _refusal(error: Mapping[str, Any], columns: Mapping[str, Sequence[str]]) -> Finding:
    where = error["loc"][0]
    field = columns[where][error["loc"][1]] if where in columns else where
    return Finding("error", str(error["type"]), str(error["msg"]), str(field))
