"""The parts of other services' events that figures are made from; money is exact, personal data is not read."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from crm_contracts.base import Body
from crm_contracts.deals import Stage
from pydantic import AwareDatetime, Field

Money = Annotated[Decimal, Field(max_digits=20, decimal_places=4)]
Seconds = Annotated[int, Field(ge=0, lt=2**31)]


class LineFact(Body):
    """What figures need of a deal's line."""

    product_id: UUID
    total: Money


class DealFact(Body):
    """What figures need of a deal's state."""

    id: UUID
    pipeline_id: UUID
    stage_id: UUID
    stage_entry_id: UUID
    stage_entered_at: AwareDatetime
    outcome: Literal["won", "lost"] | None
    amount: Money
    currency: str
    owner_id: UUID
    company_id: UUID | None
    lines: list[LineFact]


class StageChangeFact(DealFact):
    """The same of a deal that changed its stage; `corrects_entry_id` is the entry that was a slip."""

    corrects_entry_id: UUID | None = None


class RemovedFact(Body):
    """What figures need of a subject that is no more."""

    id: UUID


class CallFact(Body):
    """What figures need of a call's state."""

    id: UUID
    direction: str
    result: str | None
    started_at: AwareDatetime
    answered_at: AwareDatetime | None
    talk_s: Seconds
    answered_by: UUID | None
    responsible_user_id: UUID | None
    fallback_user_id: UUID


class PipelineFact(Body):
    """What figures need of a pipeline's state."""

    id: UUID
    name: str
    stages: list[Stage]


class UserFact(Body):
    """What figures need of a user's state."""

    id: UUID
    team_id: UUID | None


class TeamFact(Body):
    """What figures need of a team's state."""

    id: UUID
    name: str
    office: str | None = None


class NamedFact(Body):
    """What figures need of a product or a company: how to call it."""

    id: UUID
    name: str
