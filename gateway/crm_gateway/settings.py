"""What only the gateway needs to know, read from the environment with prefix CRM_."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from crm_chassis.settings import ServiceSettings
from pydantic import Field, IPvAnyNetwork


class GatewaySettings(ServiceSettings):
    """Where the owners live, how long people stay signed in, whom to believe about addresses."""

    service: ClassVar[str] = "gateway"

    internal_private_key: str = Field(
        default="", description="Ed25519 private key of the internal token: 32 raw bytes, base64url, unpadded"
    )
    contacts_url: str = "http://127.0.0.1:8101"
    deals_url: str = "http://127.0.0.1:8102"
    telephony_url: str = "http://127.0.0.1:8103"
    notifications_url: str = "http://127.0.0.1:8104"
    reports_url: str = "http://127.0.0.1:8105"
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="Networks whose X-Forwarded-For is believed, as a JSON list"
    )
    web_dist: Path = Field(
        default=Path(__file__).parents[2] / "web/dist", description="Where the web client's build lies"
    )
    session_hours: int = Field(default=168, ge=1, description="A session ends this long after sign-in")
    password_memory_mib: int = Field(
        default=64, ge=19, description="Memory a guess at a stolen password takes; OWASP asks for 19 at least"
    )

    demo_password: str = Field(
        default="", description="Shown on the sign-in page: only in a demo, whose data is nobody's. Empty: no demo"
    )
    demo_users: tuple[str, ...] = Field(default=(), description="Addresses a visitor of the demo can sign in with")
    demo_control_url: str = Field(default="", description="Where the demo's runner is told to empty the company")
    demo_control_secret: str = Field(default="", description="… and what it believes")

    rate_user: float = Field(default=50, ge=0, description="Requests a second of one person's browsers; 0: no limit")
    burst_user: float = Field(default=500, ge=1, description="… and so many at once")
    rate_token: float = Field(default=50, ge=0, description="Requests a second of one API token; 0: no limit")
    burst_token: float = Field(default=500, ge=1, description="… and so many at once")
    rate_hook: float = Field(default=200, ge=0, description="Hooks a second of one PBX or SMS token; 0: no limit")
    burst_hook: float = Field(default=5_000, ge=1, description="… and so many at once")
    rate_stranger: float = Field(
        default=20, ge=0, description="Requests a second of one address without a session; 0: no limit"
    )
    burst_stranger: float = Field(default=200, ge=1, description="… and so many at once")

    @property
    def session_life(self) -> timedelta:
        """How long a session lives."""
        return timedelta(hours=self.session_hours)

    @property
    def public_origin(self) -> str:
        """Scheme and authority of the public address, as browsers write them in Origin."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def service_urls(self) -> dict[str, str]:
        """Base address of each service behind the gateway."""
        return {
            "contacts": self.contacts_url,
            "deals": self.deals_url,
            "telephony": self.telephony_url,
            "notifications": self.notifications_url,
            "reports": self.reports_url,
        }
