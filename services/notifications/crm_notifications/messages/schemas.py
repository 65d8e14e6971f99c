"""Bodies of /messages."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.paging import ListQuery
from crm_chassis.text import MultiLine, Text
from pydantic import BaseModel, Field, StringConstraints

from crm_notifications.messages.rules import Decision
from crm_notifications.templates.schemas import Channel, Key, Strict, Subject, Variables

Status = Literal["queued", "submitting", "uncertain", "sent", "failed", "delivered"]


class NewMessage(Strict):
    """A message from the card: by a template with its variables, or in own words (e-mail with a subject)."""

    channel: Channel
    person_id: UUID
    template_key: Key | None = None
    variables: Variables = Field(default_factory=dict)
    subject: Subject | None = None
    text: Annotated[Text, Field(min_length=1)] | None = None


class MessageQuery(ListQuery):
    """Filters of the list."""

    person_id: UUID | None = None
    status: Status | None = None
    channel: Channel | None = None


class MessageOut(BaseModel):
    """A message. `error` is a stable code, set when it failed or became uncertain; `error_detail` is what the other
    side said."""

    id: UUID
    channel: Channel
    status: Status
    template_key: str | None
    person_id: UUID
    deal_id: UUID | None
    owner_id: UUID | None
    to: str | None
    subject: str | None
    text: str
    parts: int
    error: str | None
    error_detail: str | None
    attempts: int
    not_after: datetime | None
    queued_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    correlation_id: UUID
    version: int


class Resolution(Strict):
    """What a person found out about an uncertain message, or that it shall be sent once more."""

    decision: Annotated[Decision, Field(alias="as")]


class PartsRequest(Strict):
    """A text as it would be sent by SMS."""

    text: Annotated[MultiLine, StringConstraints(max_length=5_000)]


class PartsOut(BaseModel):
    """How the text would be billed. `remaining`: units free in the last part; `outside_gsm7`: the characters, at most
    20, that halve the size of a part."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    parts: int
    remaining: int
    outside_gsm7: list[str]
