"""The archive and the projections driven by hand: what a test archives is there at once, and nothing else ever is."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.testing import Harness
from crm_contracts.envelope import Envelope
from crm_reports.archive.service import Archivist
from crm_reports.projections import repository, service
from crm_reports.projections.models import FACT_TABLES


async def archived(reports: Harness, *events: Envelope) -> dict[UUID, datetime]:
    """The events are archived in this order, and in the figures; answers when each was."""
    if events:
        async with reports.database.transaction() as tx:
            await Archivist(lambda: None)(tx, events)
    while await service.catch_up(reports.database):
        pass
    ids = [event.id for event in events]
    rows = await reports.rows("SELECT id, archived_at FROM event_archive WHERE id = ANY(:ids)", ids=ids)
    return {row["id"]: row["archived_at"] for row in rows}


async def forgotten(reports: Harness) -> int:
    """Nothing was ever archived; answers the number of the live generation, a new one."""
    names = ", ".join(table.name for table in (*FACT_TABLES, repository.generations))
    async with reports.database.transaction() as tx:
        for statement in (
            f"TRUNCATE event_archive, event_pii, {names}",
            "UPDATE archive_head SET position = 0",
            "INSERT INTO projection_generation (state) VALUES ('live')",
        ):
            await tx.execute(sa.text(statement))
        return (await repository.lock_live(tx)).generation
