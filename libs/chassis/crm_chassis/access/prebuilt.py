"""Statements that ask the policy, built once for each set of rights instead of once a request.

Building one and finding it among SQLAlchemy's compiled ones cost more than running it (a row under its lock, asked
with four rights). Must never keep a caller: who asks is a parameter of every execution.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, Generic, ParamSpec, TypeVar

from crm_chassis.access.policy import ANYBODY, CALLER, TEAM, TEAM_IDS
from crm_chassis.access.principal import Principal

_MOST = 256
"""Sets of rights times shapes of a statement; what was not asked for longest is built again."""

S = TypeVar("S")
P = ParamSpec("P")


class PerRights(Generic[P, S]):
    """`statement, rights = built(caller, …)`, to be executed with `rights | {…}`, else the database is not reached.

    Further arguments choose the shape of the statement and are part of what it is remembered by.
    """

    def __init__(self, build: Callable[..., S]) -> None:
        self._build = build
        self._built: OrderedDict[Hashable, S] = OrderedDict()

    def __call__(self, caller: Principal, *args: P.args, **kwargs: P.kwargs) -> tuple[S, dict[str, Any]]:
        """The statement for the rights this caller has, and the parameters that name the caller."""
        return self.built(caller, *args, **kwargs), _named(caller)

    def built(self, caller: Principal, *args: P.args, **kwargs: P.kwargs) -> S:
        """The statement alone, to build another one on."""
        rights = (frozenset(caller.grants.items()), caller.team_id is None, caller.colleagues is None)
        key = (rights, args, *kwargs.items())
        statement = self._built.get(key)
        if statement is None:
            statement = self._built[key] = self._build(_anybody_like(caller), *args, **kwargs)
            if len(self._built) > _MOST:
                self._built.popitem(last=False)
        else:
            self._built.move_to_end(key)
        return statement


def per_rights(build: Callable[..., S]) -> PerRights[..., S]:
    """For functions (caller, …) → statement that ask `policy.visible` and read nothing else of the caller."""
    return PerRights(build)


def _anybody_like(caller: Principal) -> Principal:
    team_id = None if caller.team_id is None else ANYBODY
    colleagues: frozenset[Any] | None = None if caller.colleagues is None else frozenset()
    return replace(caller, id=ANYBODY, team_id=team_id, colleagues=colleagues, name="", refs=frozenset())


def _named(caller: Principal) -> dict[str, Any]:
    named: dict[str, Any] = {CALLER: caller.id, TEAM: caller.team_id}
    if caller.colleagues is not None:
        named[TEAM_IDS] = sorted(caller.colleagues | {caller.id})
    return named
