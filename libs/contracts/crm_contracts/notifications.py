"""Events and commands of notifications: messages to customers, notices to staff."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from crm_contracts.base import Body, Pii, State

MESSAGE_QUEUED = "notifications.message.queued.v1"
MESSAGE_SENT = "notifications.message.sent.v1"
MESSAGE_DELIVERED = "notifications.message.delivered.v1"
MESSAGE_FAILED = "notifications.message.failed.v1"
MESSAGE_BECAME_UNCERTAIN = "notifications.message.became_uncertain.v1"
NOTICE_CREATED = "notifications.notice.created.v1"

SEND_MESSAGE = "notifications.send-message"

Channel = Literal["email", "sms"]


class MessagePii(Pii):
    """Where it goes and what it says."""

    to: str | None
    subject: str | None
    text: str


class MessageState(State):
    """A message after the change. `uncertain` was cut off mid-send: shown, never resent by itself."""

    id: UUID
    channel: Channel
    status: Literal["queued", "sent", "delivered", "failed", "uncertain"]
    template_key: str | None
    person_id: UUID | None
    deal_id: UUID | None
    owner_id: UUID | None
    error: str | None
    parts: int
    queued_at: AwareDatetime
    sent_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    correlation_id: UUID
    version: int
    pii: MessagePii


class NoticePii(Pii):
    """What the notice says beyond its kind: names, numbers, titles for the client's own wording."""

    params: dict[str, str]


class NoticeState(State):
    """A notice for one user. The client words it from `kind` and `params` in the user's language."""

    id: UUID
    user_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    created_at: AwareDatetime
    read_at: AwareDatetime | None
    version: int
    pii: NoticePii


class SendMessagePii(Pii):
    """Values for the template; personal by nature."""

    variables: dict[str, str] = Field(default_factory=dict)


class SendMessage(Body):
    """The command of queue `notifications.send-message`: at most one message per `dedupe_key`, ever."""

    dedupe_key: str
    channel: Channel
    template_key: str
    person_id: UUID
    deal_id: UUID | None = None
    owner_id: UUID | None = None
    not_after: AwareDatetime | None = None
    pii: SendMessagePii
