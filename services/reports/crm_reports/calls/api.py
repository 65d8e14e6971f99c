"""Routes of the calls."""

from typing import Annotated

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.paging import Page
from fastapi import APIRouter, Query

from crm_reports.calls import service
from crm_reports.calls.schemas import CallRecord, CallRecordsQuery, CallsPerDay, CallsPerDayQuery
from crm_reports.edge import CompanyZone

router = APIRouter(prefix="/reports/calls-per-day", tags=["reports"])


@router.get("", response_model=CallsPerDay)
async def calls_per_day(
    query: Annotated[CallsPerDayQuery, Query()], caller: Caller, reader: Reader, zone: CompanyZone
) -> JSON:
    """Calls by day of the company's zone, of the users the caller may see reports on."""
    return JSON(await service.calls_per_day(reader, caller, query, zone, now()))


@router.get("/records", response_model=Page[CallRecord])
async def call_records(
    query: Annotated[CallRecordsQuery, Query()], caller: Caller, reader: Reader, zone: CompanyZone
) -> JSON:
    """The calls one figure counts, newest first."""
    return JSON(await service.call_records(reader, caller, query, zone, now()))
