"""Users on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crm_chassis.text import Line
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
Password = Annotated[str, StringConstraints(min_length=10, max_length=200)]


def _address(value: str) -> str:
    """Addresses of users are compared, so they are kept in lower case."""
    try:
        address = validate_email(value, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise PydanticCustomError("bad_address", "{why}", {"why": str(error)}) from error
    if address != value.lower():
        raise PydanticCustomError("bad_address", "written plainly it is {address}", {"address": address})
    return address


Email = Annotated[
    str, StringConstraints(max_length=254), Field(json_schema_extra={"format": "email"}), AfterValidator(_address)
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class UserCreate(_Body):
    """A new user; they can sign in once an administrator has made them a one-time password."""

    email: Email
    name: Line
    role: Line
    team_id: UUID | None = None
    locale: Locale = "en"


class UserPatch(_Body):
    """JSON merge patch. `active: false` means the user has left: every session of theirs ends."""

    email: Email = ""
    name: Line = ""
    role: Line = ""
    team_id: UUID | None = None
    locale: Locale = ""
    active: bool = True


class User(BaseModel):
    """A user as colleagues see them.

    `email` and `last_signed_in_at` are null unless they are your own or you administer users.
    """

    id: UUID
    name: str
    email: str | None
    role: str
    team_id: UUID | None
    locale: str
    active: bool
    last_signed_in_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class OneTimePassword(BaseModel):
    """Shown this once; its user must choose an own password after signing in with it."""

    password: str


class LocaleChange(_Body):
    """The language you are written to, and that a new browser begins with."""

    locale: Locale


class PasswordChange(_Body):
    """An own password instead of the current one."""

    current_password: str = Field(min_length=1, max_length=200)
    new_password: Password
