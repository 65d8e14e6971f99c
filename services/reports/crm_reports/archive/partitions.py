"""Month partitions of the archive, made ahead of the events; the default partition is the net beneath."""

import asyncio
from datetime import date
from typing import Any

import sqlalchemy as sa
import structlog
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.runtime import Runtime

from crm_reports.archive.rules import first_of_next_month, lowest_id, months_around

MONTHS_BEFORE = 1  # an event of the last hours of a month may arrive in the next
MONTHS_AHEAD = 3
_CHECK_EVERY_S = 6 * 3600

log = structlog.get_logger()


async def make_partitions(tx: Transaction) -> None:
    """Before the first event is read: last month, this one and the next ones have their partitions."""
    await ensure_months(tx, now().date())


async def keep_partitions(runtime: Runtime[Any]) -> None:
    """The same, as long as the service runs."""
    while True:
        await asyncio.sleep(_CHECK_EVERY_S)
        async with runtime.database.transaction() as tx:
            await ensure_months(tx, now().date())


async def ensure_months(tx: Transaction, today: date) -> list[date]:
    """Partitions exist from MONTHS_BEFORE the month of `today` to MONTHS_AHEAD after it; answers the new ones.

    Rows of such a month which the default partition caught meanwhile have moved into the new one.
    """
    # A partition can wait; the writer and the readers behind our lock can not.
    await tx.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
    made = []
    for month in months_around(today, before=MONTHS_BEFORE, ahead=MONTHS_AHEAD):
        name = f"event_archive_{month:%Y_%m}"
        if await tx.scalar(sa.text("SELECT to_regclass(:name) IS NULL"), {"name": name}):
            await _make(tx, name, month)
            made.append(month)
    if made:
        log.info("archive partitions made", months=[f"{month:%Y-%m}" for month in made])
    return made


async def _make(tx: Transaction, name: str, month: date) -> None:
    # The name and the bounds are made of digits here, never of input; DDL takes no parameters.
    first, end = lowest_id(month), lowest_id(first_of_next_month(month))
    for statement in (
        f"CREATE TABLE {name} (LIKE event_archive INCLUDING DEFAULTS)",
        f"WITH caught AS (DELETE FROM event_archive_default WHERE id >= '{first}' AND id < '{end}' RETURNING *)"  # noqa: S608
        f" INSERT INTO {name} SELECT * FROM caught",
        f"ALTER TABLE event_archive ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')",
    ):
        await tx.execute(sa.text(statement))
