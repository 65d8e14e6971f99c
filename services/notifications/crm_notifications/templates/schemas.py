"""Bodies of /templates."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.paging import ListQuery
from crm_chassis.text import MultiLine, OneLine, Text
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
Channel = Literal["email", "sms"]
Subject = Annotated[OneLine, StringConstraints(max_length=200)]
Html = Annotated[MultiLine, StringConstraints(max_length=100_000)]
Value = Annotated[MultiLine, StringConstraints(max_length=1_000)]
Variables = Annotated[dict[Key, Value], Field(max_length=50, json_schema_extra={"additionalProperties": False})]


class Strict(BaseModel):
    """A request body: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid")


class NewTemplate(Strict):
    """A template for one key, language and channel. An SMS has a text only."""

    key: Key
    locale: Locale
    channel: Channel
    subject: Subject | None = None
    text: Text
    html: Html | None = None


class TemplatePatch(Strict):
    """What to change; fields left out stay, null takes the html part away."""

    subject: Subject | None = None
    text: Text = ""
    html: Html | None = None


class TemplateQuery(ListQuery):
    """Filters of the list."""

    key: Key | None = None
    locale: Locale | None = None
    channel: Channel | None = None


class TemplateOut(BaseModel):
    """A template."""

    id: UUID
    key: str
    locale: str
    channel: Channel
    subject: str | None
    text: str
    html: str | None
    updated_at: datetime
    version: int


class PreviewRequest(Strict):
    """Which wording to fill, and with what. Without `locale` the company's language is taken."""

    channel: Channel = "email"
    locale: Locale | None = None
    variables: Variables = Field(default_factory=dict)


class PreviewOut(BaseModel):
    """What the customer would read. `parts` is the number of SMS, 1 for e-mail."""

    locale: str
    channel: Channel
    subject: str | None
    text: str
    html: str | None
    parts: int
