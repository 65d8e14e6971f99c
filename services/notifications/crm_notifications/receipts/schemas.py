"""Bodies of /hooks/sms."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, StringConstraints

from crm_notifications.messages.schemas import Status
from crm_notifications.receipts.rules import GatewayStatus


class ReceiptIn(BaseModel):
    """A receipt; what else the gateway may say is ignored. `id` is the one we gave."""

    id: UUID
    status: GatewayStatus
    at: AwareDatetime
    error: Annotated[str, StringConstraints(max_length=500)] | None = None


class ReceiptTaken(BaseModel):
    """Where the message stands now."""

    status: Status
