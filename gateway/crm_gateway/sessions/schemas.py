"""Sessions on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.text import OneLine
from pydantic import BaseModel, ConfigDict, StringConstraints

Transport = Literal["cookie", "bearer"]


class SignIn(BaseModel):
    """Who signs in. `cookie` is for browsers, `bearer` returns the token for an API client to send."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[OneLine, StringConstraints(min_length=1, max_length=254)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    transport: Transport = "cookie"


class SignedInUser(BaseModel):
    """The user of a session. `grants` maps noun:action to own, own_or_unassigned, team or all."""

    id: UUID
    name: str
    email: str
    role: str
    team_id: UUID | None
    locale: str
    grants: dict[str, str]


class Session(BaseModel):
    """A session. While `password_change_required`, only the own password can be changed.

    `zone` is the company's, by which its days begin: `Europe/Ljubljana`.
    `token` is there once, right after signing in with transport `bearer`.
    """

    id: UUID
    transport: Transport
    created_at: datetime
    expires_at: datetime
    password_change_required: bool
    user: SignedInUser
    zone: str
    token: str | None = None
