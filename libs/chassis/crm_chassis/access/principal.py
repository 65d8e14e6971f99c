"""The acting user (or API client, or part of the system) with the grants it holds now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Scope(StrEnum):
    """How far a grant reaches, each including the ones before; a team grant includes what nobody owns."""

    OWN = "own"
    OWN_OR_UNASSIGNED = "own_or_unassigned"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `grants` maps "noun:action" to a scope; `refs` maps "noun/uuid" the gateway vouches for.

    `colleagues` are the ids of the caller's team where the gateway names them; None says nothing about the team.
    """

    id: UUID
    role: str
    team_id: UUID | None = None
    grants: Mapping[str, Scope] = field(default_factory=dict)
    refs: frozenset[str] = frozenset()
    colleagues: frozenset[UUID] | None = None
    kind: Literal["user", "system"] = "user"
    name: str = ""

    @property
    def is_system(self) -> bool:
        """True for a part of the system acting for nobody; it holds no grants."""
        return self.kind == "system"

    @property
    def actor(self) -> str:
        """As events name it."""
        return f"system:{self.name}" if self.is_system else f"user:{self.id}"

    def scope(self, noun: str, action: str) -> Scope | None:
        """The scope granted, None when there is none."""
        return self.grants.get(f"{noun}:{action}")

    @classmethod
    def system(cls, name: str) -> "Principal":
        """A part of the system."""
        return cls(id=UUID(int=0), role="system", kind="system", name=name)
