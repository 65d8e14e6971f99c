"""Routes of the pipeline."""

from typing import Annotated

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.paging import Page
from fastapi import APIRouter, Query

from crm_reports.edge import CompanyZone, Kept
from crm_reports.pipeline import service
from crm_reports.pipeline.schemas import PipelineQuery, PipelineRecord, PipelineRecordsQuery, PipelineState

router = APIRouter(prefix="/reports/pipeline", tags=["reports"])


@router.get("", response_model=PipelineState)
async def pipeline(
    query: Annotated[PipelineQuery, Query()], caller: Caller, reader: Reader, kept: Kept, zone: CompanyZone
) -> JSON:
    """The deals in each stage at the end of a day, of those the caller may see reports on."""
    return JSON(await service.pipeline(reader, kept, caller, query, zone, now()))


@router.get("/records", response_model=Page[PipelineRecord])
async def pipeline_records(
    query: Annotated[PipelineRecordsQuery, Query()], caller: Caller, reader: Reader, zone: CompanyZone
) -> JSON:
    """The deals in one stage at the end of a day, those that entered it last first."""
    return JSON(await service.records(reader, caller, query, zone, now()))
