"""Due work: timers that survive restarts, fire once, in several processes, within a second of their time.

The row is deleted in the transaction of its work, so a kill loses nothing and doubles nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from crm_chassis.backoff import Backoff
from crm_chassis.context import Story, current, telling
from crm_chassis.database import Database, Transaction, is_infrastructure
from crm_chassis.metrics import DUE_DONE, DUE_FAILED, LOOP_FAILURES
from crm_chassis.tables import due_work

POLL_S = 1.0
_RETRY_S = (5, 60, 900, 3600)


@dataclass(frozen=True, slots=True)
class Due:
    """Work whose time has come."""

    kind: str
    key: str
    due_at: datetime
    payload: dict[str, Any]
    correlation_id: UUID


DueHandler = Callable[[Transaction, Due], Awaitable[None]]

_NEXT = (
    sa.select(due_work)
    .where(
        due_work.c.due_at <= sa.func.clock_timestamp(),
        due_work.c.kind.in_(sa.bindparam("kinds", expanding=True)),
    )
    .order_by(due_work.c.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_DELETE = sa.delete(due_work).where(due_work.c.kind == sa.bindparam("p_kind"), due_work.c.key == sa.bindparam("p_key"))
_POSTPONE = (
    sa.update(due_work)
    .where(due_work.c.kind == sa.bindparam("p_kind"), due_work.c.key == sa.bindparam("p_key"))
    .values(
        attempts=due_work.c.attempts + 1,
        last_error=sa.bindparam("error"),
        due_at=sa.func.clock_timestamp() + sa.bindparam("delay", type_=sa.Interval),
    )
)

log = structlog.get_logger()


_SCHEDULE = insert(due_work)
_SCHEDULE = _SCHEDULE.on_conflict_do_update(
    index_elements=["kind", "key"],
    set_={
        "due_at": _SCHEDULE.excluded.due_at,
        "payload": _SCHEDULE.excluded.payload,
        "correlation_id": _SCHEDULE.excluded.correlation_id,
        "attempts": 0,
        "last_error": None,
    },
)


async def schedule(
    tx: Transaction, kind: str, key: str, due_at: datetime, payload: Mapping[str, Any] | None = None
) -> None:
    """Work of this kind and key is due at `due_at`, in place of any due before; it carries the current story."""
    row = {"kind": kind, "key": key, "due_at": due_at, "payload": dict(payload or {})}
    await tx.execute(_SCHEDULE, row | {"correlation_id": current().correlation_id})


async def schedule_many(tx: Transaction, kind: str, keys: Collection[str], due_at: datetime) -> None:
    """As `schedule`, of many keys at once, which need nothing but themselves."""
    more = {"kind": kind, "due_at": due_at, "payload": {}, "correlation_id": current().correlation_id}
    if keys:
        await tx.execute(_SCHEDULE, [more | {"key": key} for key in sorted(keys)])


async def unschedule(tx: Transaction, kind: str, key: str) -> None:
    """No work of this kind and key is due."""
    await tx.execute(_DELETE, {"p_kind": kind, "p_key": key})


class Scheduler:
    """Does due work until cancelled; several processes share it by SKIP LOCKED."""

    def __init__(self, database: Database, handlers: Mapping[str, DueHandler]) -> None:
        self._database = database
        self._handlers = dict(handlers)
        for kind in handlers:
            DUE_DONE.labels(kind)
            DUE_FAILED.labels(kind)

    async def run(self) -> None:
        """Do what is due, then look again each second."""
        backoff = Backoff()
        while True:
            try:
                while await self.do_next():
                    backoff.reset()
                await asyncio.sleep(POLL_S)
            except Exception as error:
                if not is_infrastructure(error):
                    LOOP_FAILURES.labels("scheduler").inc()
                    log.exception("scheduler failed")
                await backoff.wait()

    async def do_next(self) -> bool:
        """One piece of due work is done (or put off, when it failed); False when nothing is due."""
        async with self._database.transaction() as tx:
            row = (await tx.execute(_NEXT, {"kinds": list(self._handlers)})).first()
            if row is None:
                return False
            due = Due(row.kind, row.key, row.due_at, row.payload, row.correlation_id)
            with telling(Story.of_system(self._database.service, due.correlation_id)):
                try:
                    async with tx.connection.begin_nested():
                        await unschedule(tx, due.kind, due.key)
                        await self._handlers[due.kind](tx, due)
                        await tx.flush()
                except Exception as error:
                    if is_infrastructure(error):
                        raise
                    tx.forget()
                    await self._put_off(tx, due, row.attempts, error)
                else:
                    DUE_DONE.labels(due.kind).inc()
        return True

    async def _put_off(self, tx: Transaction, due: Due, attempts: int, error: Exception) -> None:
        log.warning("due work failed", kind=due.kind, key=due.key, exc_info=error)
        DUE_FAILED.labels(due.kind).inc()
        delay = timedelta(seconds=_RETRY_S[min(attempts, len(_RETRY_S) - 1)])
        await tx.execute(
            _POSTPONE, {"p_kind": due.kind, "p_key": due.key, "error": type(error).__name__, "delay": delay}
        )
