"""Roles on the wire."""

from pydantic import BaseModel


class Role(BaseModel):
    """A role; `grants` maps noun:action to own, own_or_unassigned, team or all."""

    name: str
    grants: dict[str, str]
