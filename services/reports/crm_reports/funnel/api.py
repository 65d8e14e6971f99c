"""Routes of the funnel."""

from typing import Annotated

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.paging import Page
from fastapi import APIRouter, Query

from crm_reports.edge import CompanyZone, Kept
from crm_reports.funnel import service
from crm_reports.funnel.schemas import EntriesQuery, Funnel, FunnelEntry, FunnelQuery

router = APIRouter(prefix="/reports/funnel", tags=["reports"])


@router.get("", response_model=Funnel)
async def funnel(
    query: Annotated[FunnelQuery, Query()], caller: Caller, reader: Reader, kept: Kept, zone: CompanyZone
) -> JSON:
    """What became of every entry into each stage, of the deals the caller may see reports on."""
    return JSON(await service.funnel(reader, kept, caller, query, zone, now()))


@router.get("/records", response_model=Page[FunnelEntry])
async def funnel_records(
    query: Annotated[EntriesQuery, Query()], caller: Caller, reader: Reader, kept: Kept, zone: CompanyZone
) -> JSON:
    """The entries one figure of the funnel counts, newest first."""
    return JSON(await service.entries(reader, kept, caller, query, zone, now()))
