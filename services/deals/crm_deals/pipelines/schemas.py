"""Bodies of pipelines."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.text import Line
from crm_contracts.deals import PipelineState, Stage
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_deals.patching import MergePatch


class StageIn(BaseModel):
    """A stage as it shall be; without an id it is a new open one."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    name: Line
    probability: Annotated[int, Field(ge=0, le=100)]


class PipelinePatch(MergePatch):
    """Changes to a pipeline; `stages` and `loss_reasons` are whole lists, in order."""

    name: Line | None = None
    loss_reasons: Annotated[list[Line], Field(min_length=1, max_length=50)] | None = None
    stages: Annotated[list[StageIn], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name, texts in (
            ("loss_reasons", self.loss_reasons or []),
            ("stages", [stage.name for stage in self.stages or []]),
        ):
            if len({text.casefold() for text in texts}) < len(texts):
                raise PydanticCustomError("duplicate", "{field} holds the same name twice", {"field": name})
        return self


class StageOut(BaseModel):
    """A stage; `position` orders the columns, `probability` is 0–100."""

    id: UUID
    name: str
    kind: Literal["open", "won", "lost"]
    position: int
    probability: int


class PipelineOut(BaseModel):
    """A pipeline with all its stages."""

    id: UUID
    name: str
    stages: list[StageOut]
    loss_reasons: list[str]
    version: int


class Pipelines(BaseModel):
    """All pipelines, the default one first; a company has a handful, so they come at once."""

    items: list[PipelineOut]


def _stage(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "id": row.stage_id,
        "name": row.stage_name,
        "kind": row.kind,
        "position": row.position,
        "probability": row.probability,
    }


def pipeline_out(rows: Sequence[sa.Row[Any]]) -> PipelineOut:
    """A pipeline from the rows of its stages, in their order."""
    first = rows[0]
    return PipelineOut(
        id=first.id,
        name=first.name,
        stages=[StageOut(**_stage(row)) for row in rows],
        loss_reasons=first.loss_reasons,
        version=first.version,
    )


def pipeline_state(rows: Sequence[sa.Row[Any]], changed: list[str]) -> PipelineState:
    """The same as events tell it."""
    first = rows[0]
    return PipelineState(
        changed=changed,
        id=first.id,
        name=first.name,
        stages=[Stage(**_stage(row)) for row in rows],
        loss_reasons=first.loss_reasons,
        version=first.version,
    )
