"""Settings only telephony has."""

from pathlib import Path
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
    telephony_recordings_dir: Path = Field(
        default=Path("recordings"), description="Folder in which recordings of calls are kept, shared by all processes"
    )
    recording_max_bytes: int = Field(default=200 * 1024 * 1024, gt=0, description="A larger recording is not kept")
    recording_timeout_s: float = Field(default=300.0, gt=0, description="How long fetching one recording may take")
    recording_lease_s: float = Field(default=30.0, gt=0, description="Silence after which its fetcher counts as dead")
