"""Route of one's own day."""

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Reader
from fastapi import APIRouter

from crm_reports.day import service
from crm_reports.day.schemas import Day
from crm_reports.edge import CompanyZone, Kept

router = APIRouter(prefix="/reports/day", tags=["reports"])


@router.get("", response_model=Day)
async def own_day(caller: Caller, reader: Reader, kept: Kept, zone: CompanyZone) -> JSON:
    """The caller's own calls of today and what they won since the first of the month, as far as it is archived."""
    return JSON(await service.own_day(reader, kept, caller, zone, now()))
