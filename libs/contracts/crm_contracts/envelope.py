"""The CloudEvents 1.0 envelope (JSON structured mode) every event and command travels in.

Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md; the extensions are ours.
"""

from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

CONTENT_TYPE = "application/cloudevents+json"
BATCH_CONTENT_TYPE = "application/cloudevents-batch+json"
MAX_EVENT_BYTES = 256 * 1024
MAX_HOPS = 8
MAX_BATCH = 100


class Lane(StrEnum):
    """Live events go before bulk ones; the effect gate skips bulk."""

    LIVE = "live"
    BULK = "bulk"


class Envelope(BaseModel):
    """One event or command. `time` is when it happened, `recordedtime` when the producer recorded it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str = Field(description="The producer, as /<service>")
    type: str
    subject: str = Field(description="<noun>/<uuid> of what the event is about")
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    recordedtime: AwareDatetime
    sequence: int = Field(ge=0, description="Version of the subject after the change; 0 for commands")
    actor: str = Field(description="user:<uuid> or system:<service>")
    correlationid: UUID
    causationid: UUID | None = None
    hops: int = Field(default=0, ge=0)
    lane: Lane = Lane.LIVE
    replay: bool = Field(default=False, description="Sent again from an archive: effects refuse it")
    data: dict[str, Any]

    @property
    def subject_id(self) -> UUID:
        """The uuid part of `subject`."""
        return UUID(self.subject.rpartition("/")[2])
