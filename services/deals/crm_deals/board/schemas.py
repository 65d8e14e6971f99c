"""The board as the API tells it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class BoardQuery(BaseModel):
    """Which pipeline; the default one when not said."""

    model_config = ConfigDict(extra="forbid")

    pipeline_id: UUID | None = None


class Sum(BaseModel):
    """The deals of one currency, added up."""

    currency: str
    amount: str


class BoardCard(BaseModel):
    """A deal on the board. Person and next task are null when there is none or the caller may not see it."""

    id: UUID
    title: str
    amount: str
    currency: str
    person_id: UUID | None
    person_name: str | None
    owner_id: UUID
    stage_entered_at: datetime
    next_task_due_at: datetime | None
    version: int


class Column(BaseModel):
    """A stage's deals, last moved first. `count` and `sums` are over all of them, not only the cards sent.

    `GET /deals?stage_id=…&cursor=<next_cursor>` continues in the same order; add `closed_from` where it is given,
    as won and lost columns hold what was closed since the beginning of this month.
    """

    stage_id: UUID
    name: str
    kind: Literal["open", "won", "lost"]
    probability: int
    count: int
    sums: list[Sum]
    cards: list[BoardCard]
    next_cursor: str | None
    closed_from: datetime | None


class Board(BaseModel):
    """A pipeline's stages in order, each with its deals; null and empty for who may not see pipelines."""

    pipeline_id: UUID | None
    name: str | None
    columns: list[Column]
