"""Route of the board."""

from typing import Annotated

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Reader
from fastapi import APIRouter, Query

from crm_deals.board import service
from crm_deals.board.schemas import Board, BoardQuery
from crm_deals.edge import Settings

router = APIRouter(prefix="/board", tags=["deals"])


@router.get("", response_model=Board)
async def get_board(
    query: Annotated[BoardQuery, Query()], caller: Caller, connection: Reader, settings: Settings
) -> JSON:
    """Open stages and what was closed this month, 50 cards a column."""
    return JSON(await service.board(connection, caller, query.pipeline_id, settings.zone, now()))
