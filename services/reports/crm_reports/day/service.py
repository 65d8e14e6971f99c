"""Use case of one's own day: the figures of the reports, asked about the caller."""

from datetime import datetime
from zoneinfo import ZoneInfo

from crm_chassis.access.policy import admits
from crm_chassis.access.principal import Principal
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.calls.schemas import CallsPerDayQuery
from crm_reports.calls.service import calls_per_day
from crm_reports.day.schemas import Day
from crm_reports.kept import KeptSums
from crm_reports.sales.schemas import SalesQuery
from crm_reports.sales.service import sales


async def own_day(connection: AsyncConnection, kept: KeptSums, caller: Principal, zone: ZoneInfo, now: datetime) -> Day:
    """Each figure is that of its report, with the list of its records."""
    today = now.astimezone(zone).date()
    if not admits(caller, "report", "read", caller.id):
        return Day(day=today, zone=zone.key, calls=None, won=None)
    own = {"owner_id": caller.id, "to": today}
    by_day = CallsPerDayQuery.model_validate(own | {"from": today})
    calls = await calls_per_day(connection, caller, by_day, zone, now)
    month = SalesQuery.model_validate(own | {"from": today.replace(day=1)})
    groups = (await sales(connection, kept, caller, month, zone, now)).groups
    return Day(day=today, zone=zone.key, calls=calls.days[0], won=groups[0].won)
