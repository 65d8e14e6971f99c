"""Settings every service has, read from the environment with prefix CRM_."""

import os
from datetime import time
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Role = Literal["all", "api", "worker"]


class ServiceSettings(BaseSettings):
    """Where a service finds its parts. Subclass it, set `service`, add what only that service needs."""

    model_config = SettingsConfigDict(env_prefix="CRM_", extra="ignore", frozen=True)

    service: ClassVar[str] = ""

    database_url: str = Field(
        default="postgresql://postgres@127.0.0.1:5432/postgres",
        description="A PostgreSQL server; each service uses its own database crm_<service> there",
    )
    own_database_url: str | None = Field(
        default=None, description="This service's database itself; set by CRM_<SERVICE>_DATABASE_URL"
    )
    amqp_url: str = "amqp://guest:guest@127.0.0.1:5672/"
    internal_public_key: str = Field(
        default="",
        description="Ed25519 public key of the gateway's tokens: 32 raw bytes, base64url, unpadded",
    )
    public_url: str = Field(default="http://127.0.0.1:8080", description="Address of the gateway for people and PBXs")
    role: Role = "all"
    company_zone: str = "Europe/Ljubljana"
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    locale: str = "en"
    default_region: str = Field(default="SI", pattern="^[A-Z]{2}$", description="Region of national phone numbers")
    workday_start: time = time(9)
    workday_end: time = time(18)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_port: int | None = Field(
        default=None, description="A port of its own for /metrics; the gateway shows them nowhere else"
    )
    metrics_host: str = Field(default="127.0.0.1", description="The address that port listens on")
    watch_s: float = Field(default=5.0, gt=0, description="Seconds between two measurements of what waits")
    linger_s: float = Field(
        default=0.1, ge=0, le=5, description="Seconds copies, timeline and archive wait to take more events at once"
    )
    http_head_s: float = Field(default=15, gt=0, description="Seconds a request's head may take to arrive")
    http_body_s: float = Field(
        default=20, gt=0, description="Seconds a body may take to arrive, and one more for each 4 KiB of it"
    )
    http_stall_s: float = Field(default=30, gt=0, description="Seconds an answer may wait for its client to read on")
    http_idle_s: float = Field(
        default=75, gt=0, description="Seconds a connection may idle; longer than any client of ours keeps one"
    )
    http_connections: int = Field(default=4000, ge=10, description="Above this the longest idle connection is closed")
    pool_size: int = 8
    pool_overflow: int = 4

    def service_database_url(self) -> str:
        """The asyncpg URL of this service's own database."""
        parts = urlsplit(self.own_database_url or self.database_url)
        path = parts.path if self.own_database_url else f"/crm_{self.service}"
        return urlunsplit(("postgresql+asyncpg", parts.netloc, path, parts.query, ""))

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Settings from the environment, overridden by the keywords given."""
        own = os.environ.get(f"CRM_{cls.service.upper()}_DATABASE_URL")
        if own and "own_database_url" not in overrides:
            overrides["own_database_url"] = own
        return cls(**overrides)
