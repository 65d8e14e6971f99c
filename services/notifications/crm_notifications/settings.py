"""Settings of notifications beyond the chassis' own."""

from datetime import timedelta
from typing import ClassVar, Self

from crm_chassis.settings import ServiceSettings
from pydantic import Field, SecretStr, model_validator


class NotificationsSettings(ServiceSettings):
    """Where messages leave the house. A channel without its address fails messages by name, it keeps none back."""

    service: ClassVar[str] = "notifications"

    company_name: str = Field(default="Voronka", description="How customers know the company; a template variable")

    smtp_url: SecretStr | None = Field(
        default=None, description="smtp://user:password@host:port (STARTTLS when offered) or smtps://…"
    )
    mail_from: str = Field(default="CRM <crm@localhost.localdomain>", description="Sender of all e-mail")

    sms_url: str | None = Field(default=None, description="Base address of the HTTP SMS gateway")
    sms_api_key: SecretStr = Field(default=SecretStr(""), description="Bearer key the gateway knows us by")
    sms_sender: str = Field(default="CRM", description="Sender name or number the recipient sees")
    sms_receipt_token: SecretStr = Field(default=SecretStr(""), description="Path token of /hooks/sms/{token}")
    sms_receipt_secret: SecretStr = Field(default=SecretStr(""), description="HMAC key of delivery receipts")

    senders: int = Field(default=2, ge=1, le=8, description="Messages sent at the same time by one process")
    send_timeout_s: float = Field(default=30, gt=0, description="Longest one attempt may take")
    send_lease_s: float = Field(
        default=90, gt=0, description="An attempt not finished by then is uncertain; well above send_timeout_s"
    )
    send_pauses_s: tuple[float, ...] = Field(
        default=(30, 120, 600, 3600), description="Pauses before trying again what was refused for now"
    )
    send_poll_s: float = Field(default=0.5, gt=0, description="How often an idle sender looks for new messages")

    @model_validator(mode="after")
    def _lease_outlives_the_attempt(self) -> Self:
        # An attempt is at most two time limits long (adapters/smtp.py); a shorter lease would call live ones uncertain.
        if self.send_lease_s <= 2 * self.send_timeout_s:
            raise ValueError("CRM_SEND_LEASE_S must be more than twice CRM_SEND_TIMEOUT_S")
        return self

    def send_pauses(self) -> tuple[timedelta, ...]:
        """`send_pauses_s` as durations."""
        return tuple(timedelta(seconds=pause) for pause in self.send_pauses_s)
