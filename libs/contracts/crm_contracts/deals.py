"""Events of deals: pipelines, deals, products, tasks. Money is a decimal string with its ISO currency."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from crm_contracts.base import Body, Pii, State

DEAL_CREATED = "deals.deal.created.v1"
DEAL_UPDATED = "deals.deal.updated.v1"
DEAL_STAGE_CHANGED = "deals.deal.stage_changed.v1"
TASK_CREATED = "deals.task.created.v1"
TASK_UPDATED = "deals.task.updated.v1"
TASK_COMPLETED = "deals.task.completed.v1"
TASK_REOPENED = "deals.task.reopened.v1"
TASK_REMINDER_REACHED = "deals.task.reminder_reached.v1"
TASK_BECAME_OVERDUE = "deals.task.became_overdue.v1"
PIPELINE_CHANGED = "deals.pipeline.changed.v1"
PRODUCT_CHANGED = "deals.product.changed.v1"
DEAL_REMOVED = "deals.deal.removed.v1"
PRODUCT_REMOVED = "deals.product.removed.v1"
IMPORT_FINISHED = "deals.import.finished.v1"

StageKind = Literal["open", "won", "lost"]


class DealPii(Pii):
    """The title often holds the customer's name or number."""

    title: str


class DealLine(Body):
    """One product in a deal; `total` = quantity × price less discount, rounded half up to cents."""

    id: UUID
    product_id: UUID
    quantity: str
    price: str
    discount_percent: str
    total: str


class DealState(State):
    """A deal after the change. `outcome` is null while it is open."""

    id: UUID
    person_id: UUID | None
    company_id: UUID | None
    pipeline_id: UUID
    stage_id: UUID
    stage_entry_id: UUID
    stage_entered_at: AwareDatetime
    outcome: Literal["won", "lost"] | None
    loss_reason: str | None
    amount: str
    currency: str
    owner_id: UUID
    lines: list[DealLine]
    origin_type: str
    origin_id: str | None
    created_at: AwareDatetime
    closed_at: AwareDatetime | None
    expected_close_on: str | None
    correlation_id: UUID
    version: int
    pii: DealPii


class DealStageChanged(DealState):
    """A deal entered a stage; the fact behind every funnel. `time` of the event is when it happened.

    `corrects_entry_id` names the entry that this one takes back: its move was a slip.
    """

    from_stage_id: UUID
    to_stage_id: UUID
    corrects_entry_id: UUID | None = None


class TaskPii(Pii):
    """Free text and the number to call."""

    title: str
    note: str
    phone: str | None


class TaskState(State):
    """A task after the change. A call-back counts the misses it answers for."""

    id: UUID
    kind: Literal["callback", "plain"]
    status: Literal["open", "done"]
    owner_id: UUID
    deal_id: UUID | None
    person_id: UUID | None
    call_id: UUID | None
    misses: int
    due_at: AwareDatetime
    remind_at: AwareDatetime | None
    created_at: AwareDatetime
    completed_at: AwareDatetime | None
    completed_by: str | None
    correlation_id: UUID
    version: int
    pii: TaskPii


class Stage(Body):
    """A stage of a pipeline; `position` orders the columns, `probability` is 0–100."""

    id: UUID
    name: str
    kind: StageKind
    position: int
    probability: int


class PipelineState(State):
    """A pipeline with all its stages after the change."""

    id: UUID
    name: str
    stages: list[Stage]
    loss_reasons: list[str]
    version: int


class ProductState(State):
    """A product after the change."""

    id: UUID
    name: str
    sku: str
    price: str
    currency: str
    active: bool
    version: int
