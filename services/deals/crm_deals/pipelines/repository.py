"""Statements of pipelines."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.pipelines.models import pipeline, stage

Stages = Sequence[sa.Row[Any]]
"""One row a stage, each with its pipeline's columns; never empty for a pipeline that exists."""

_stage_columns = (
    stage.c.id.label("stage_id"),
    stage.c.name.label("stage_name"),
    stage.c.kind,
    stage.c.position,
    stage.c.probability,
)
_all: sa.Select[Any] = (
    sa.select(*pipeline.c, *_stage_columns)
    .join(stage, stage.c.pipeline_id == pipeline.c.id)
    .order_by(pipeline.c.created_at, pipeline.c.id, stage.c.position)
)
_one = _all.where(pipeline.c.id == sa.bindparam("id"))
_default = _all.where(
    pipeline.c.id == sa.select(pipeline.c.id).order_by(pipeline.c.created_at, pipeline.c.id).limit(1).scalar_subquery()
)
_of_stage = _all.where(
    pipeline.c.id == sa.select(stage.c.pipeline_id).where(stage.c.id == sa.bindparam("id")).scalar_subquery()
)
_lock = sa.select(pipeline.c.id).where(pipeline.c.id == sa.bindparam("id")).with_for_update()


async def everything(connection: AsyncConnection) -> list[Stages]:
    """All pipelines, oldest first."""
    grouped: dict[UUID, list[sa.Row[Any]]] = {}
    for row in await connection.execute(_all):
        grouped.setdefault(row.id, []).append(row)
    return list(grouped.values())


async def one(connection: AsyncConnection, id: UUID) -> Stages:
    """A pipeline's stages; empty when there is none."""
    rows: Stages = (await connection.execute(_one, {"id": id})).all()
    return rows


async def default(connection: AsyncConnection) -> Stages:
    """The stages of the oldest pipeline, which is the default."""
    rows: Stages = (await connection.execute(_default)).all()
    return rows


async def of_stage(connection: AsyncConnection, stage_id: UUID) -> Stages:
    """The stages of the pipeline a stage belongs to; empty when there is no such stage."""
    rows: Stages = (await connection.execute(_of_stage, {"id": stage_id})).all()
    return rows


async def locked(tx: Transaction, id: UUID) -> Stages:
    """A pipeline's stages under the pipeline's row lock."""
    await tx.execute(_lock, {"id": id})
    return await one(tx.connection, id)


async def add(tx: Transaction, values: dict[str, Any], stages: list[dict[str, Any]]) -> bool:
    """The pipeline is stored with its stages; False when its origin key has made one already."""
    made = await tx.execute(insert(pipeline).values(**values).on_conflict_do_nothing().returning(pipeline.c.id))
    if made.first() is None:
        return False
    await tx.execute(sa.insert(stage), stages)
    return True


async def change(tx: Transaction, id: UUID, values: dict[str, Any]) -> None:
    """The pipeline with these values and the next version."""
    await tx.execute(sa.update(pipeline).where(pipeline.c.id == id).values(**values, version=pipeline.c.version + 1))


async def put_stages(tx: Transaction, stages: list[dict[str, Any]]) -> None:
    """The stages are stored, new or changed; positions may swap, as they are checked at the end."""
    row = insert(stage)
    changed = {name: row.excluded[name] for name in ("name", "position", "probability")}
    await tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=changed), stages)
