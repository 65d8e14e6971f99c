"""The board's two statements: the columns with their totals, and the first cards of each."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.deals.listing import next_task_due_at, person_name
from crm_deals.deals.models import deal
from crm_deals.pipelines.models import pipeline, stage

_default = sa.select(pipeline.c.id).order_by(pipeline.c.created_at, pipeline.c.id).limit(1).scalar_subquery()


def _on_board(caller: Principal, closed_from: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        deal.c.stage_id == stage.c.id,
        sa.or_(stage.c.kind == "open", deal.c.closed_at >= closed_from),
        visible(caller, "deal", "read", deal.c.owner_id),
    )


async def columns(
    connection: AsyncConnection, caller: Principal, pipeline_id: UUID | None, closed_from: datetime
) -> list[sa.Row[Any]]:
    """One row a stage and currency, in the order of the board, with count and sum of the visible deals."""
    statement: sa.Select[Any] = (
        sa.select(
            pipeline.c.id,
            pipeline.c.name,
            stage.c.id.label("stage_id"),
            stage.c.name.label("stage_name"),
            stage.c.kind,
            stage.c.probability,
            deal.c.currency,
            sa.func.count(deal.c.id).label("deals"),
            sa.func.sum(deal.c.amount).label("amount"),
        )
        .select_from(pipeline)
        .join(stage, stage.c.pipeline_id == pipeline.c.id)
        .outerjoin(deal, _on_board(caller, closed_from))
        .where(pipeline.c.id == (pipeline_id or _default))
        .group_by(pipeline.c.id, stage.c.id, deal.c.currency)
        .order_by(stage.c.position, deal.c.currency)
    )
    return list((await connection.execute(statement)).all())


async def cards(
    connection: AsyncConnection, caller: Principal, pipeline_id: UUID, closed_from: datetime, limit: int
) -> list[sa.Row[Any]]:
    """Of each stage the `limit` deals moved last, in the order of the board."""
    first = (
        sa.select(deal)
        .where(_on_board(caller, closed_from))
        .order_by(deal.c.stage_entered_at.desc(), deal.c.id.desc())
        .limit(limit)
        .correlate(stage)
        .lateral("first")
    )
    statement: sa.Select[Any] = (
        sa.select(first, person_name(caller, first), next_task_due_at(caller, first))
        .select_from(stage)
        .join(first, sa.true())
        .where(stage.c.pipeline_id == pipeline_id)
        .order_by(stage.c.position, first.c.stage_entered_at.desc(), first.c.id.desc())
    )
    return list((await connection.execute(statement)).all())
