"""Settings only telephony has."""

from typing import ClassVar

from crm_chassis.settings import ServiceSettings
from pydantic import Field, SecretStr


class TelephonySettings(ServiceSettings):
    """Where the keys of PBXs are locked, and how patient we are with PBXs."""

    service: ClassVar[str] = "telephony"

    secrets_key: SecretStr = Field(
        default=SecretStr(""), description="Fernet key the PBX secrets are encrypted with; needed to serve"
    )
    dial_timeout_s: float = Field(default=10.0, gt=0, description="How long the PBX may take to answer a command")
    settle_after_s: float = Field(default=15.0, gt=0, description="All legs ended: wait this long for the final word")
    stale_ring_s: float = Field(default=300.0, gt=0, description="A ringing call unheard of for so long is closed")
    stale_talk_s: float = Field(default=21_600.0, gt=0, description="A talk unheard of for so long is closed")
    stale_request_s: float = Field(default=60.0, gt=0, description="An ordered call the PBX never told of is closed")
