"""The overview of dead letters on the wire; the letters themselves are the services' own answers."""

from typing import Literal

from pydantic import BaseModel

Service = Literal["contacts", "deals", "telephony", "notifications", "reports", "gateway"]


class ServiceLetters(BaseModel):
    """`waiting` is null while the service is away."""

    service: Service
    waiting: int | None


class Overview(BaseModel):
    """Every service, and how many of its letters nobody has decided about."""

    services: list[ServiceLetters]
