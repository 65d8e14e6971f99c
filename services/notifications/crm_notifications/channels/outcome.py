"""What one attempt to send came to, in words every channel shares."""

from dataclasses import dataclass

from crm_notifications.messages.rules import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason` is a short stable code without personal data; `detail` is the other side's own words, for people."""

    answer: Answer
    reason: str | None = None
    detail: str | None = None
    gateway_id: str | None = None

    @classmethod
    def accepted(cls, gateway_id: str | None = None, detail: str | None = None) -> "Outcome":
        """The other side took responsibility for it."""
        return cls(Answer.ACCEPTED, None, detail, gateway_id)

    @classmethod
    def refused(cls, reason: str, detail: str) -> "Outcome":
        """It will never be taken as it is; certainly not sent."""
        return cls(Answer.REFUSED, reason, detail)

    @classmethod
    def deferred(cls, reason: str, detail: str) -> "Outcome":
        """Certainly not taken, but later it may be."""
        return cls(Answer.DEFERRED, reason, detail)

    @classmethod
    def unknown(cls, reason: str, detail: str) -> "Outcome":
        """It may or may not have been taken: nobody may send it again without a person's decision."""
        return cls(Answer.UNKNOWN, reason, detail)
