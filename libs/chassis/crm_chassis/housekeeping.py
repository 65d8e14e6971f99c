"""Keeps the chassis' tables small: day partitions of sent events made ahead and dropped, old keys removed."""

import asyncio
from datetime import date, timedelta

import sqlalchemy as sa
import structlog

from crm_chassis.clock import now
from crm_chassis.database import Database, is_infrastructure
from crm_chassis.imports import repository as imports
from crm_chassis.metrics import LOOP_FAILURES

SENT_DAYS = 14
INBOX_DAYS = 30
IMPORT_DAYS = 90
"""How long an import can be undone."""
IDEMPOTENCY_HOURS = 24
_AHEAD_DAYS = 3
_EVERY_S = 3600
_LOCK = 7_310_003
_PREFIX = "outbox_sent_"

log = structlog.get_logger()


def partition_name(day: date) -> str:
    """The partition of the events sent on `day` (UTC)."""
    return f"{_PREFIX}{day:%Y%m%d}"


async def tidy(database: Database, today: date) -> None:
    """Partitions stand from today on for three days; what is older than its keeping time is gone."""
    async with database.transaction() as tx:
        if not await tx.scalar(sa.text(f"SELECT pg_try_advisory_xact_lock({_LOCK})")):
            return
        names = set(
            (
                await tx.execute(
                    sa.text(
                        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                        "WHERE i.inhparent = 'outbox_sent'::regclass"
                    )
                )
            ).scalars()
        )
        for day in (today + timedelta(days=ahead) for ahead in range(1, _AHEAD_DAYS + 1)):
            if partition_name(day) not in names:
                await tx.execute(
                    sa.text(
                        f"CREATE TABLE {partition_name(day)} PARTITION OF outbox_sent "
                        f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
                    )
                )
        oldest = partition_name(today - timedelta(days=SENT_DAYS))
        for name in names:
            if name[len(_PREFIX) :].isdigit() and name < oldest:
                await tx.execute(sa.text(f"DROP TABLE {name}"))
        await tx.execute(
            sa.text("DELETE FROM outbox_sent_rest WHERE sent_at < :day"),
            {"day": now() - timedelta(days=SENT_DAYS)},
        )
        await tx.execute(
            sa.text("DELETE FROM idempotency_key WHERE created_at < :at"),
            {"at": now() - timedelta(hours=IDEMPOTENCY_HOURS)},
        )
        await tx.execute(
            sa.text("DELETE FROM inbox WHERE handled_at < :at"), {"at": now() - timedelta(days=INBOX_DAYS)}
        )
        await imports.forget(tx, now(), timedelta(days=IMPORT_DAYS))


async def keep_tidy(database: Database) -> None:
    """Tidy at start and each hour."""
    while True:
        try:
            await tidy(database, now().date())
        except Exception as error:
            if not is_infrastructure(error):
                LOOP_FAILURES.labels("housekeeping").inc()
                log.exception("housekeeping failed")
        await asyncio.sleep(_EVERY_S)
