"""Routes of pipelines."""

from uuid import UUID

from crm_chassis.http import JSON, Caller, IfMatch, Reader, Tx
from crm_chassis.problems import NotFound
from fastapi import APIRouter

from crm_deals.pipelines import repository, service
from crm_deals.pipelines.schemas import PipelineOut, PipelinePatch, Pipelines, pipeline_out

router = APIRouter(prefix="/pipelines", tags=["pipelines"])


@router.get("", response_model=Pipelines)
async def list_pipelines(caller: Caller, connection: Reader) -> JSON:
    """All pipelines with their stages, the default one first."""
    found = await repository.everything(connection) if caller.scope("pipeline", "read") else []
    return JSON(Pipelines(items=[pipeline_out(rows) for rows in found]))


@router.get("/{id}", response_model=PipelineOut)
async def get_pipeline(id: UUID, caller: Caller, connection: Reader) -> JSON:
    """One pipeline with its stages."""
    rows = await repository.one(connection, id)
    if not rows or caller.scope("pipeline", "read") is None:
        raise NotFound()
    pipeline = pipeline_out(rows)
    return JSON(pipeline, etag=pipeline.version)


@router.patch("/{id}", response_model=PipelineOut)
async def patch_pipeline(id: UUID, patch: PipelinePatch, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
    """Rename, reorder or add stages, change probabilities and loss reasons."""
    pipeline = await service.patch_pipeline(tx, caller, id, version, patch)
    return JSON(pipeline, etag=pipeline.version)
