"""Who may hear of a live event: named users, or those whose rights reach its owner."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from crm_chassis.access.policy import admits
from crm_chassis.access.principal import Principal

TeamOf = Callable[[UUID | None], UUID | None]


@dataclass(frozen=True, slots=True)
class Named:
    """Exactly these users."""

    users: frozenset[UUID]

    def includes(self, principal: Principal, team_of: TeamOf) -> bool:
        """Whether `principal` is one of them."""
        return principal.id in self.users


@dataclass(frozen=True, slots=True)
class Entitled:
    """Everybody who may read a `noun` of this owner."""

    noun: str
    owner_id: UUID | None

    def includes(self, principal: Principal, team_of: TeamOf) -> bool:
        """Whether the policy admits `principal`, by the owner's team of today."""
        return admits(principal, self.noun, "read", self.owner_id, team_of(self.owner_id))


Audience = Named | Entitled
