"""The built-in roles, which grants there are, and who may give them. Pure.

Owns the sets a new installation gets; from then on they are rows of `role_grant`.
A grant is (noun, action) → scope; what a scope means in SQL is `crm_chassis.access.policy`.
"""

from collections.abc import Mapping
from typing import Literal, cast, get_args
from uuid import UUID, uuid5

Scope = Literal["own", "own_or_unassigned", "team", "all"]
Grants = dict[tuple[str, str], Scope]

NOUNS: tuple[str, ...] = (
    "person",
    "company",
    "deal",
    "task",
    "call",
    "product",
    "pipeline",
    "automation",
    "connection",
    "message",
    "template",
    "notice",
    "user",
    "team",
    "role",
    "report",
    "dead_letter",
    "archive",
)
ACTIONS: tuple[str, ...] = ("read", "create", "update", "delete")
SPECIAL: tuple[tuple[str, str], ...] = (
    ("call", "dial"),
    ("call", "dial_raw"),
    ("call", "listen"),
    ("person", "merge"),
    ("deal", "backdate"),
    ("deal", "reopen"),
)

_SALESPERSON: Grants = {
    ("person", "read"): "own_or_unassigned",
    ("person", "create"): "own",
    ("person", "update"): "own_or_unassigned",
    ("company", "read"): "own_or_unassigned",
    ("company", "create"): "own",
    ("company", "update"): "own_or_unassigned",
    ("deal", "read"): "own_or_unassigned",
    ("deal", "create"): "own",
    ("deal", "update"): "own",
    ("task", "read"): "own",
    ("task", "create"): "own",
    ("task", "update"): "own",
    ("call", "read"): "own_or_unassigned",
    ("call", "update"): "own",
    ("call", "dial"): "own",
    ("call", "listen"): "own",
    ("message", "read"): "own",
    ("message", "create"): "own",
    ("message", "update"): "own",
    ("notice", "read"): "own",
    ("notice", "update"): "own",
    ("product", "read"): "all",
    ("pipeline", "read"): "all",
    ("user", "read"): "all",
    ("team", "read"): "all",
    ("template", "read"): "all",
    ("report", "read"): "own",
}


def _widened(grants: Grants, to: Scope) -> Grants:
    """The same grants reaching at least `to`; a notice stays its user's own, whoever asks."""
    return {
        (noun, action): scope if noun == "notice" or scope == "all" else to for (noun, action), scope in grants.items()
    }


_TEAM_LEAD: Grants = {**_widened(_SALESPERSON, "team"), ("person", "merge"): "team"}

_SALES_HEAD: Grants = {
    **_widened(_TEAM_LEAD, "all"),
    **{
        (noun, action): "all"
        for noun in ("product", "pipeline", "template", "automation")
        for action in ("read", "create", "update")
    },
    ("deal", "backdate"): "all",
    ("deal", "reopen"): "all",
    ("call", "dial_raw"): "all",
}

_ADMIN: Grants = {
    **{(noun, action): "all" for noun in NOUNS for action in ACTIONS},
    **dict.fromkeys(SPECIAL, "all"),
    ("notice", "read"): "own",
    ("notice", "update"): "own",
}

BUILT_IN: dict[str, Grants] = {
    "admin": _ADMIN,
    "sales_head": _SALES_HEAD,
    "team_lead": _TEAM_LEAD,
    "salesperson": _SALESPERSON,
}
ADMIN = "admin"
_ROLES = UUID("26a38ed3-2038-5e1f-9dec-9b0e5fd35899")
_SCOPES: tuple[Scope, ...] = get_args(Scope)
_KNOWN = frozenset({*((noun, action) for noun in NOUNS for action in ACTIONS), *SPECIAL})
# Without these nobody could put right what a change of roles broke.
_KEYS_OF_THE_HOUSE = tuple((noun, action) for noun in ("user", "team", "role") for action in ACTIONS)


def role_id(name: str) -> UUID:
    """Under which id the role of this name is told; a role keeps its name for ever."""
    return uuid5(_ROLES, name)


def read_grants(wire: Mapping[str, str]) -> tuple[Grants, list[tuple[str, str, str]]]:
    """Grants as the API says them ("noun:action" → scope), and (key, code, message) of each that is none."""
    grants: Grants = {}
    wrong: list[tuple[str, str, str]] = []
    for key, scope in wire.items():
        noun, _, action = key.partition(":")
        if (noun, action) not in _KNOWN:
            wrong.append((key, "unknown_grant", "There is no such noun and action"))
        elif scope not in _SCOPES:
            wrong.append((key, "unknown_scope", f"A scope is one of {', '.join(_SCOPES)}"))
        else:
            grants[noun, action] = scope
    return grants, wrong


def beyond(grants: Mapping[str, str], giver: Mapping[str, str]) -> list[str]:
    """The grants ("noun:action") that reach further than the giver's own."""
    return sorted(
        key
        for key, scope in grants.items()
        if key not in giver or _SCOPES.index(cast(Scope, scope)) > _SCOPES.index(cast(Scope, giver[key]))
    )


def missing_for_admin(grants: Grants) -> list[str]:
    """What the role of administrators can not be without, as "noun:action"."""
    return [f"{noun}:{action}" for noun, action in _KEYS_OF_THE_HOUSE if grants.get((noun, action)) != "all"]
