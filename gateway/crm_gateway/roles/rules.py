"""The built-in roles: which grants each begins with. Pure.

Owns the sets a new installation gets; from then on they are rows of `role_grant`. Must never know who asks.
A grant is (noun, action) → scope; what a scope means in SQL is `crm_chassis.access.policy`.
"""

from typing import Literal

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
    "report",
    "dead_letter",
    "archive",
)
ACTIONS: tuple[str, ...] = ("read", "create", "update", "delete")
SPECIAL: tuple[tuple[str, str], ...] = (
    ("call", "dial"),
    ("call", "dial_raw"),
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
    ("call", "dial"): "own",
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
