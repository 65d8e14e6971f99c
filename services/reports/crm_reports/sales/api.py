"""Routes of sales."""

from typing import Annotated

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.paging import Page
from fastapi import APIRouter, Query

from crm_reports.edge import CompanyZone, Kept
from crm_reports.sales import service
from crm_reports.sales.schemas import Sales, SalesQuery, SalesRecord, SalesRecordsQuery

router = APIRouter(prefix="/reports/sales", tags=["reports"])


@router.get("", response_model=Sales)
async def sales(
    query: Annotated[SalesQuery, Query()], caller: Caller, reader: Reader, kept: Kept, zone: CompanyZone
) -> JSON:
    """Deals won, lost, created and open, in groups, of the deals the caller may see reports on."""
    return JSON(await service.sales(reader, kept, caller, query, zone, now()))


@router.get("/records", response_model=Page[SalesRecord])
async def sales_records(
    query: Annotated[SalesRecordsQuery, Query()], caller: Caller, reader: Reader, zone: CompanyZone
) -> JSON:
    """The deals one figure of sales counts, newest first."""
    return JSON(await service.records(reader, caller, query, zone, now()))
