"""Use cases of taking away deals that were entered by mistake."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.principal import Principal
from crm_chassis.context import current, telling
from crm_chassis.database import Transaction
from crm_chassis.problems import Conflict, Forbidden, NotFound, StaleVersion
from crm_contracts.base import Removed
from crm_contracts.deals import DEAL_REMOVED

from crm_deals.deals import repository
from crm_deals.deals.schemas import deal_out
from crm_deals.tasks.service import let_go


async def remove_deal(tx: Transaction, caller: Principal, id: UUID, version: int) -> None:
    """The deal is gone with its lines and its stage history, and its event tells so; tasks done for it stay.

    NotFound when unseen, Forbidden when not the caller's to remove, StaleVersion, Conflict when a task of it is open
    or a customer was written to because of it.
    """
    row = await repository.locked_to_remove(tx, caller, id)
    if row is None:
        raise NotFound()
    if not row.removable:
        raise Forbidden("You may see this deal, not remove it.")
    if row.version != version:
        raise StaleVersion(deal_out(row))
    if await remove_deals(tx, [row]):
        raise Conflict("An open task or a message to the customer hangs on this deal.", code="in_use")


async def remove_deals(tx: Transaction, deals: Sequence[sa.Row[Any]]) -> set[UUID]:
    """The locked deals are gone and told, but those in use, whose ids are answered.

    `deals` are rows of `repository.lock_many`; few statements for however many, but one for each task done for them.
    """
    used = await repository.in_use(tx, [row.id for row in deals])
    free = [row for row in deals if row.id not in used]
    if free:
        await let_go(tx, [row.id for row in free])
        await repository.remove(tx, [row.id for row in free])
    for row in free:
        with telling(replace(current(), correlation_id=row.correlation_id)):
            sequence = row.version + 1
            data = Removed(id=row.id, owner_id=row.owner_id, version=sequence)
            tx.record(DEAL_REMOVED, subject="deal", id=row.id, sequence=sequence, data=data)
    return used
