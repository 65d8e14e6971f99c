"""Whether a PBX reaches us: what has come of it, and why the rest was refused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_chassis.database import Transaction
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.arrivals import repository, schemas
from crm_telephony.arrivals.rules import what_was
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import Refusal


async def of(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, schemas.Arrivals]:
    """What has come from each of the connections; the caller sees to it that they may be seen."""
    found = {id: schemas.Arrivals(first=None, last=None, refused=[]) for id in ids}
    for row in await repository.taken(connection, ids):
        vendor = VENDORS[row.vendor]
        shown = found[row.id]
        shown.first = schemas.Arrival(at=row.first_at, what=what_was(vendor, row.first_path, row.first_body))
        shown.last = schemas.Arrival(at=row.last_at, what=what_was(vendor, row.last_path, row.last_body))
    for row in await repository.refused(connection, ids):
        refused = schemas.RefusedWebhooks(reason=row.reason, count=row.count, last_at=row.last_at)
        found[row.connection_id].refused.append(refused)
    return found


async def refuse(tx: Transaction, connection_id: UUID, reason: Refusal, at: datetime) -> None:
    """The refusal is counted, for whoever connects the PBX to see what is wrong."""
    await repository.count(tx, connection_id, reason.value, at)
