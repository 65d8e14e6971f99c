"""Events of the gateway: who works here."""

from uuid import UUID

from crm_contracts.base import Pii, State

USER_CREATED = "gateway.user.created.v1"
USER_UPDATED = "gateway.user.updated.v1"
USER_LEFT = "gateway.user.left.v1"
TEAM_CHANGED = "gateway.team.changed.v1"
USER_REMOVED = "gateway.user.removed.v1"
TEAM_REMOVED = "gateway.team.removed.v1"
ROLE_CHANGED = "gateway.role.changed.v1"
IMPORT_FINISHED = "gateway.import.finished.v1"


class UserPii(Pii):
    """Name and sign-in address of a user."""

    name: str
    email: str


class UserState(State):
    """A user after the change; `active` is false once the user has left."""

    id: UUID
    role: str
    team_id: UUID | None
    locale: str
    active: bool
    version: int
    pii: UserPii


class TeamState(State):
    """A team after the change. Membership is told by the users' own events."""

    id: UUID
    name: str
    lead_id: UUID | None
    office: str | None = None
    version: int


class RoleState(State):
    """A role after the change: what those who have it may do, "noun:action" to how far it reaches."""

    id: UUID
    name: str
    grants: dict[str, str]
    version: int
