"""Roles on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
_Grants = Annotated[
    dict[str, str],
    Field(max_length=500, description="noun:action to own, own_or_unassigned, team or all", examples=[{}]),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RoleCreate(_Body):
    """A new role: what is not granted, its people may not do."""

    name: RoleName
    grants: _Grants


class RolePatch(_Body):
    """The grants instead of those the role had."""

    grants: _Grants


class Role(BaseModel):
    """A role; `grants` maps noun:action to own, own_or_unassigned, team or all."""

    name: str
    grants: dict[str, str]
    version: int
