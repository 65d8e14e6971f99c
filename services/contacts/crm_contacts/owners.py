"""Who may be made owner of a card."""

from typing import Literal
from uuid import UUID

from crm_chassis.access.policy import admits, allowed_owner
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.problems import FieldError, Invalid


async def check_owner(
    tx: Transaction,
    caller: Principal,
    noun: Literal["person", "company"],
    action: Literal["create", "update"],
    owner_id: UUID | None,
) -> None:
    """Invalid unless the caller's scope lets a card belong to this active user, or to nobody."""
    if owner_id is None:
        allowed = admits(caller, noun, action, None)
    else:
        allowed = await allowed_owner(tx, caller, noun, action, owner_id)
    if not allowed:
        raise Invalid([FieldError("owner_id", "owner_not_allowed", "You may not give cards to this user.")])
