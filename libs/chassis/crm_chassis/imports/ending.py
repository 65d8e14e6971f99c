"""How a job ends: its last state, and the one live event of a whole import."""

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from crm_contracts.base import ImportFinished
from crm_contracts.envelope import Lane

from crm_chassis.database import Transaction
from crm_chassis.imports import repository


async def finish(
    tx: Transaction,
    job: sa.Row[Any],
    outcome: Literal["done", "cancelled", "failed", "undone"],
    now: datetime,
    failure: dict[str, Any] | None = None,
) -> None:
    """The job is over, and `<service>.import.finished` tells so, live: of its rows nothing was."""
    version = job.version + 1
    await repository.change(tx, job.id, state=outcome, failure=failure, finished_at=now, version=version)
    if outcome in ("done", "undone"):
        await repository.drop_parts(tx, job.id)
    state = ImportFinished(
        id=job.id,
        kind=job.kind,
        outcome=outcome,
        user_id=job.user_id,
        counts=job.counts,
        version=version,
        changed=["outcome"],
    )
    tx.record(
        f"{tx.service}.import.finished.v1",
        subject="import",
        id=job.id,
        sequence=version,
        data=state,
        happened_at=now,
        lane=Lane.LIVE,
    )
