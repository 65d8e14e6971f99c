"""Sums once asked for, kept and carried forward: asked again, only deals told of since are summed anew.

A sum over deals at a later `known_at` is the one before, less what the deals told of in between had brought to it,
plus what they bring now; both are the same statement, narrowed to these deals. So a kept answer is the fresh one.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.horizon import Horizon
from crm_reports.projections.models import deal_removed, deal_version, membership, team_version
from crm_reports.projections.repository import LIVE_GENERATION

MOST_KEPT = 500
MOST_CHANGED = 1_000
"""More deals than that are not summed apart: a fresh sum costs no more."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many deals (or entries), what they are worth, and how long they took together."""

    count: int
    amount: Decimal
    seconds: Decimal = Decimal(0)

    def plus(self, other: "Sum", times: int = 1) -> "Sum":
        """Both together; with `times` -1 what is left."""
        return Sum(
            self.count + times * other.count,
            self.amount + times * other.amount,
            self.seconds + times * other.seconds,
        )


Sums = Mapping[Any, Sum]
Summing = Callable[[Horizon, Sequence[UUID] | None], Awaitable[Sums]]

_NOTHING = Sum(0, Decimal(0))


def _told_since(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.generation == LIVE_GENERATION,
        table.c.archived_at > sa.bindparam("since", type_=sa.DateTime(timezone=True)),
        table.c.archived_at <= sa.bindparam("until", type_=sa.DateTime(timezone=True)),
    )


_CHANGED = sa.union(
    *(sa.select(table.c.deal_id).where(_told_since(table)) for table in (deal_version, deal_removed))
).limit(MOST_CHANGED + 1)
_STAFF_CHANGED = sa.or_(
    *(sa.select(table.c.event_id).where(_told_since(table)).exists() for table in (membership, team_version))
)
_SINCE = sa.select(sa.func.array(_CHANGED.scalar_subquery()).label("deals"), _STAFF_CHANGED.label("staff"))


class KeptSums:
    """The sums of one process; the least lately asked for goes first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[datetime, Sums]] = OrderedDict()

    async def at(
        self, connection: AsyncConnection, caller: Principal, horizon: Horizon, key: Hashable, summing: Summing
    ) -> Sums:
        """What `summing` answers at the horizon; `key` says all else it depends on."""
        seen = _seen_by(caller)
        if horizon.generation is None or seen is None:
            return await summing(horizon, None)
        whole = (key, seen, horizon.before, horizon.generation)
        kept = self._kept.get(whole)
        if kept is not None and kept[0] > horizon.known_at:
            return await summing(horizon, None)
        sums = await _carried(connection, *kept, horizon, summing) if kept else await summing(horizon, None)
        self._kept[whole] = (horizon.known_at, sums)
        self._kept.move_to_end(whole)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return sums


def _seen_by(caller: Principal) -> Hashable | None:
    """What tells the deals the caller may see reports on from those of others; None when we can not say."""
    scope = caller.scope("report", "read")
    if scope is None:
        return None
    if scope is Scope.ALL:
        return scope
    if scope is not Scope.TEAM or caller.team_id is None:
        return scope, caller.id
    # Who is in a team today is no fact of ours: without their names tomorrow's sum could be of other people.
    return None if caller.colleagues is None else (scope, caller.colleagues | {caller.id})


async def _carried(
    connection: AsyncConnection, since: datetime, sums: Sums, horizon: Horizon, summing: Summing
) -> Sums:
    if since == horizon.known_at:
        return sums
    changed = (await connection.execute(_SINCE, {"since": since, "until": horizon.known_at})).one()
    if changed.staff or len(changed.deals) > MOST_CHANGED:
        return await summing(horizon, None)
    if not changed.deals:
        return sums
    carried = dict(sums)
    for known_at, times in ((since, -1), (horizon.known_at, 1)):
        for key, part in (await summing(replace(horizon, known_at=known_at), changed.deals)).items():
            carried[key] = carried.get(key, _NOTHING).plus(part, times)
    return {key: each for key, each in carried.items() if each.count}


_of_each: WeakKeyDictionary[Runtime[Any], KeptSums] = WeakKeyDictionary()


def kept_of(runtime: Runtime[Any]) -> KeptSums:
    """The sums this running service keeps."""
    return _of_each.setdefault(runtime, KeptSums())
