"""Use cases of pipelines."""

from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import FieldError, Invalid, NotFound, StaleVersion
from crm_contracts.deals import PIPELINE_CHANGED

from crm_deals.pipelines import repository, rules
from crm_deals.pipelines.schemas import PipelineOut, PipelinePatch, StageIn, pipeline_out, pipeline_state

DEFAULT_KEY = "default:sales"


async def make_default_pipeline(tx: Transaction, now: datetime) -> None:
    """The default pipeline exists; it is made, and told, once ever, whatever it is renamed to later."""
    id = new_id()
    stages = [
        {
            "id": new_id(),
            "pipeline_id": id,
            "name": stage.name,
            "kind": stage.kind,
            "position": position,
            "probability": stage.probability,
        }
        for position, stage in enumerate(rules.DEFAULT_STAGES)
    ]
    values = {
        "id": id,
        "name": rules.DEFAULT_NAME,
        "loss_reasons": list(rules.DEFAULT_LOSS_REASONS),
        "origin_key": DEFAULT_KEY,
        "created_at": now,
        "version": 1,
    }
    if await repository.add(tx, values, stages):
        await _tell(tx, id, ["name", "stages", "loss_reasons"])


async def patch_pipeline(
    tx: Transaction, caller: Principal, id: UUID, version: int, patch: PipelinePatch
) -> PipelineOut:
    """The pipeline stands as patched; deals in its stages stay where they are."""
    rows = await repository.locked(tx, id)
    if not rows or caller.scope("pipeline", "read") is None:
        raise NotFound()
    require(caller, "pipeline", "update")
    before = pipeline_out(rows)
    if before.version != version:
        raise StaleVersion(before)
    given = patch.given()
    stages = given.pop("stages", None)
    changed = [name for name, value in given.items() if getattr(before, name) != value]
    if stages is not None and _place(before, stages):
        changed.append("stages")
    if not changed:
        return before
    await repository.change(tx, id, {name: given[name] for name in changed if name in given})
    if "stages" in changed:
        await repository.put_stages(tx, _place(before, stages or []))
    return await _tell(tx, id, changed)


def _place(before: PipelineOut, wanted: list[StageIn]) -> list[dict[str, Any]]:
    """Rows of all wanted stages in their order; empty when they are as before. Invalid when they can not be."""
    kinds = {stage.id: stage.kind for stage in before.stages}
    refused = rules.stages_refusal([stage.id for stage in wanted], kinds)
    if refused:
        raise Invalid([FieldError("stages", refused.value, "Name every stage once, open ones first.")])
    rows = [
        {
            "id": stage.id or new_id(),
            "pipeline_id": before.id,
            "name": stage.name,
            "kind": kinds[stage.id] if stage.id else "open",
            "position": position,
            "probability": stage.probability,
        }
        for position, stage in enumerate(wanted)
    ]
    now = [stage.model_dump() | {"pipeline_id": before.id} for stage in before.stages]
    return [] if rows == now else rows


async def _tell(tx: Transaction, id: UUID, changed: list[str]) -> PipelineOut:
    rows = await repository.one(tx.connection, id)
    state = pipeline_state(rows, changed)
    tx.record(PIPELINE_CHANGED, subject="pipeline", id=id, sequence=state.version, data=state)
    return pipeline_out(rows)
