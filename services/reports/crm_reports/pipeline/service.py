"""Use cases of the pipeline: how many deals are in each stage, and which."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_chassis.access.principal import Principal
from crm_chassis.paging import Page
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.deal_facts import Asked
from crm_reports.funnel.rules import Figure, Stage
from crm_reports.funnel.service import known_pipeline
from crm_reports.horizon import Horizon, resolve
from crm_reports.kept import KeptSums, Sums
from crm_reports.links import spelled
from crm_reports.pipeline import repository, rules
from crm_reports.pipeline.schemas import (
    PipelineQuery,
    PipelineRecord,
    PipelineRecordsQuery,
    PipelineState,
    StageFigure,
)

RECORDS = "/api/v1/reports/pipeline/records"


async def pipeline(
    connection: AsyncConnection, kept: KeptSums, caller: Principal, query: PipelineQuery, zone: ZoneInfo, now: datetime
) -> PipelineState:
    """The figure of every stage; NotFound when the pipeline was not known by `known_at`, or is not to be seen."""
    horizon = await resolve(connection, query, zone, now, complete=True)
    name, stages = await known_pipeline(connection, caller, query.pipeline_id, horizon)
    asked = Asked(query, pipeline_id=query.pipeline_id)

    async def summing(at: Horizon, deals: Sequence[UUID] | None) -> Sums:
        return await repository.sums(connection, caller, asked, at, deals)

    key = ("pipeline", query.model_dump_json(exclude={"as_of", "known_at"}))
    sums = await kept.at(connection, caller, horizon, key, summing)
    figures = rules.by_stage({place: (each.count, each.amount) for place, each in sums.items()}, stages)
    return PipelineState(
        pipeline_id=query.pipeline_id,
        name=name,
        zone=zone.key,
        as_of=horizon.as_of,
        known_at=horizon.known_at,
        stages=[_stage(stage, figure, query, horizon) for stage, figure in figures],
    )


async def records(
    connection: AsyncConnection, caller: Principal, query: PipelineRecordsQuery, zone: ZoneInfo, now: datetime
) -> Page[PipelineRecord]:
    """A page of exactly the deals in a stage, those that entered it last first; NotFound as for the figures."""
    horizon = await resolve(connection, query, zone, now, complete=True)
    await known_pipeline(connection, caller, query.pipeline_id, horizon)
    asked = Asked(query, pipeline_id=query.pipeline_id, stage_id=query.stage_id)
    page, cursor = await repository.records(connection, caller, asked, horizon, cursor=query.cursor, limit=query.limit)
    items = [
        PipelineRecord.model_validate(row._asdict() | {"entered_at": row.at, "amount": format(row.amount, "f")})
        for row in page
    ]
    return Page(items=items, next_cursor=cursor)


def _stage(stage: Stage, figure: Figure, query: PipelineQuery, horizon: Horizon) -> StageFigure:
    where = query.narrowed() | {"pipeline_id": query.pipeline_id, "stage_id": stage.id}
    return StageFigure(
        stage_id=stage.id,
        name=stage.name or None,
        kind=stage.kind,
        removed=stage.removed,
        count=figure.count,
        amounts={currency: format(amount, "f") for currency, amount in sorted(figure.amounts.items())},
        drill_down=spelled(RECORDS, {}, horizon, where),
    )
