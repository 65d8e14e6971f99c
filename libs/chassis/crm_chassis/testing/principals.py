"""Principals as the gateway's built-in roles make them, for services' own tests."""

from uuid import UUID

from crm_chassis.access.principal import Principal, Scope
from crm_chassis.ids import new_id

_ACTIONS = ("read", "create", "update", "delete")


def _grants(nouns: tuple[str, ...], scope: Scope, *, extra: dict[str, Scope] | None = None) -> dict[str, Scope]:
    return {f"{noun}:{action}": scope for noun in nouns for action in _ACTIONS} | (extra or {})


def admin(nouns: tuple[str, ...], *special: str, id: UUID | None = None) -> Principal:
    """All actions on `nouns` everywhere, and the special ones ("noun:action")."""
    extra = dict.fromkeys(special, Scope.ALL)
    return Principal(id=id or new_id(), role="admin", grants=_grants(nouns, Scope.ALL, extra=extra))


def sales_head(nouns: tuple[str, ...], *special: str, id: UUID | None = None) -> Principal:
    """As admin, under the role of the sales head."""
    extra = dict.fromkeys(special, Scope.ALL)
    return Principal(id=id or new_id(), role="sales_head", grants=_grants(nouns, Scope.ALL, extra=extra))


def team_lead(nouns: tuple[str, ...], team_id: UUID, *special: str, id: UUID | None = None) -> Principal:
    """Team scope on `nouns`."""
    extra = dict.fromkeys(special, Scope.TEAM)
    return Principal(
        id=id or new_id(), role="team_lead", team_id=team_id, grants=_grants(nouns, Scope.TEAM, extra=extra)
    )


def salesperson(
    nouns: tuple[str, ...], *special: str, team_id: UUID | None = None, id: UUID | None = None
) -> Principal:
    """Own rows of `nouns`, and reads what nobody owns."""
    grants = _grants(nouns, Scope.OWN, extra=dict.fromkeys(special, Scope.OWN))
    grants |= {f"{noun}:read": Scope.OWN_OR_UNASSIGNED for noun in nouns}
    return Principal(id=id or new_id(), role="salesperson", team_id=team_id, grants=grants)


def nobody(id: UUID | None = None) -> Principal:
    """Signed in, allowed nothing."""
    return Principal(id=id or new_id(), role="nobody")
