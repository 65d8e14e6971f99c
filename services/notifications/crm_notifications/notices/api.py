"""/notices: the caller's own, whatever their grants."""

from typing import Annotated
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Reader, Tx
from crm_chassis.paging import Page
from fastapi import APIRouter, Query

from crm_notifications.notices import repository, service
from crm_notifications.notices.schemas import AllRead, NoticeOut, NoticeQuery

router = APIRouter(prefix="/notices", tags=["notices"])


@router.get("", response_model=Page[NoticeOut])
async def list_notices(caller: Caller, connection: Reader, query: Annotated[NoticeQuery, Query()]) -> JSON:
    """The caller's notices, newest first."""
    if caller.scope("notice", "read") is None:
        return JSON(Page[NoticeOut](items=[], next_cursor=None))
    rows, cursor = await repository.page(connection, caller.id, query)
    return JSON({"items": [service.out(row) for row in rows], "next_cursor": cursor})


@router.post("/read-all", response_model=AllRead)
async def read_all_notices(caller: Caller, tx: Tx) -> JSON:
    """All of the caller's notices are read."""
    return JSON(AllRead(read=await service.mark_all_read(tx, caller, now())))


@router.post("/{notice_id}/read", response_model=NoticeOut)
async def read_notice(caller: Caller, tx: Tx, notice_id: UUID) -> JSON:
    """The notice is read; asked again, nothing changes."""
    row = await service.mark_read(tx, caller, notice_id, now())
    return JSON(service.out(row), etag=row.version)
