"""Use case of the board."""

from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from crm_chassis.access.principal import Principal
from crm_chassis.problems import NotFound
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.board import repository
from crm_deals.board.schemas import Board, BoardCard, Column, Sum
from crm_deals.deals.repository import ORDER
from crm_deals.lines.rules import money
from crm_deals.working_time.rules import month_start

CARDS = 50


async def board(
    connection: AsyncConnection, caller: Principal, pipeline_id: UUID | None, zone: ZoneInfo, now: datetime
) -> Board:
    """The pipeline's open deals and those closed this month, as far as the caller may see them.

    Empty for who may not see pipelines, whichever is asked for: a board's columns are its pipeline's.
    """
    if caller.scope("pipeline", "read") is None:
        return Board(pipeline_id=None, name=None, columns=[])
    closed_from = month_start(now, zone)
    totals = await repository.columns(connection, caller, pipeline_id, closed_from)
    if not totals:
        raise NotFound()
    found: dict[UUID, list[sa.Row[Any]]] = {}
    for row in await repository.cards(connection, caller, totals[0].id, closed_from, CARDS + 1):
        found.setdefault(row.stage_id, []).append(row)
    columns = [
        _column(list(rows), found.get(stage_id, []), closed_from)
        for stage_id, rows in groupby(totals, key=lambda row: row.stage_id)
    ]
    return Board(pipeline_id=totals[0].id, name=totals[0].name, columns=columns)


def _column(totals: list[sa.Row[Any]], rows: list[sa.Row[Any]], closed_from: datetime) -> Column:
    stage = totals[0]
    shown, next_cursor = ORDER.page(rows, CARDS)
    return Column(
        stage_id=stage.stage_id,
        name=stage.stage_name,
        kind=stage.kind,
        probability=stage.probability,
        count=sum(row.deals for row in totals),
        sums=[Sum(currency=row.currency, amount=money(row.amount, row.currency)) for row in totals if row.currency],
        cards=[_card(row) for row in shown],
        next_cursor=next_cursor,
        closed_from=None if stage.kind == "open" else closed_from,
    )


def _card(row: sa.Row[Any]) -> BoardCard:
    return BoardCard(
        id=row.id,
        title=row.title,
        amount=money(row.amount, row.currency),
        currency=row.currency,
        person_id=row.person_id,
        person_name=row.person_name,
        owner_id=row.owner_id,
        stage_entered_at=row.stage_entered_at,
        next_task_due_at=row.next_task_due_at,
        version=row.version,
    )
