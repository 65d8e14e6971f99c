"""Routes of the archive, for operations."""

from crm_chassis.access.policy import require
from crm_chassis.http import JSON, Caller, Reader
from fastapi import APIRouter

from crm_reports.archive.schemas import ArchiveStatus
from crm_reports.archive.status import status

router = APIRouter(prefix="/reports/archive", tags=["reports"])


@router.get("/status", response_model=ArchiveStatus)
async def archive_status(caller: Caller, reader: Reader) -> JSON:
    """How far the archive is and how close the figures follow; for those who look after dead letters."""
    require(caller, "dead_letter", "read")
    return JSON(await status(reader))
