"""Bodies of automation rules and runs."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from crm_chassis.paging import ListQuery
from pydantic import BaseModel, ConfigDict, StringConstraints

from crm_deals.patching import MergePatch

Channel = Literal["email", "sms"]
TemplateKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class RuleCreate(BaseModel):
    """When a deal enters the stage, its person gets the message."""

    model_config = ConfigDict(extra="forbid")

    stage_id: UUID
    channel: Channel
    template_key: TemplateKey
    active: bool = True


class RulePatch(MergePatch):
    """Changes to a rule; entries into the stage before it stay as they were handled."""

    stage_id: UUID | None = None
    channel: Channel | None = None
    template_key: TemplateKey | None = None
    active: bool | None = None


class RuleQuery(ListQuery):
    """Filter of the list; rules come oldest first."""

    stage_id: UUID | None = None


class RuleOut(BaseModel):
    """A rule."""

    id: UUID
    stage_id: UUID
    channel: Channel
    template_key: str
    active: bool
    version: int


class RunQuery(ListQuery):
    """Filters of the list; runs come newest first."""

    rule_id: UUID | None = None
    deal_id: UUID | None = None


class RunOut(BaseModel):
    """What came of a rule when a deal entered its stage: the command was `sent`, or there was `no_person`."""

    id: UUID
    rule_id: UUID
    stage_entry_id: UUID
    deal_id: UUID
    result: Literal["sent", "no_person"]
    ran_at: datetime
    correlation_id: UUID
