"""The demo on the wire."""

from typing import Literal

from pydantic import BaseModel


class Visitor(BaseModel):
    """Somebody a visitor of the demo can be."""

    name: str
    email: str
    role: str


class Demo(BaseModel):
    """Whom one can be, and everybody's password; null and nobody outside demo mode."""

    password: str | None
    users: list[Visitor]


class Leaving(BaseModel):
    """The company is being emptied: the gateway goes away and comes back within half a minute."""

    state: Literal["leaving"] = "leaving"
