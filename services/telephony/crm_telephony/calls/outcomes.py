"""The use case of saying what came of a call."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.aliases import resolve
from crm_chassis.clock import now
from crm_chassis.context import current, telling
from crm_chassis.database import Transaction
from crm_chassis.problems import Conflict, Forbidden, NotFound, StaleVersion
from crm_contracts.telephony import CALL_UPDATED

from crm_telephony.calls import repository
from crm_telephony.calls.models import call
from crm_telephony.calls.repository import Row
from crm_telephony.calls.schemas import CallPatch
from crm_telephony.calls.service import NOUN, got
from crm_telephony.calls.telling import state_of


async def patch_call(tx: Transaction, caller: Principal, id: UUID, patch: CallPatch, version: int) -> dict[str, Any]:
    """The call has the outcome and the note of the patch, and its event tells so; what changes nothing leaves no trace.

    NotFound when not to be seen, Forbidden when only seen, StaleVersion when somebody has said something since
    `version`, Conflict as long as it rings.
    """
    row = await _locked(tx, caller, await resolve(tx.connection, NOUN, id))
    # What the telephone tells meanwhile (it ended, its recording came) takes nobody's answer away.
    if not row.outcome_version <= version <= row.version:
        raise StaleVersion(await got(tx.connection, caller, row.id))
    if row.phase in ("requested", "ringing"):
        raise Conflict("Nobody can know yet what comes of this call.", code="still_ringing")
    told = {name: getattr(patch, name) for name in patch.model_fields_set}
    changed = {name: value for name, value in told.items() if getattr(row, name) != value}
    if changed:
        await _save(tx, caller, row, changed)
    return await got(tx.connection, caller, row.id)


async def _locked(tx: Transaction, caller: Principal, id: UUID) -> Row:
    may = visible(caller, NOUN, "update", repository.OWNER).label("may")
    seen = visible(caller, NOUN, "read", repository.OWNER)
    row = (await tx.execute(sa.select(call, may).where(call.c.id == id, seen).with_for_update())).first()
    if row is None:
        raise NotFound
    if not row.may:
        raise Forbidden("You may see this call, not change it.")
    return row


async def _save(tx: Transaction, caller: Principal, row: Row, changed: dict[str, Any]) -> None:
    at = now()
    nothing_said = not any(changed.get(name, getattr(row, name)) for name in ("outcome", "outcome_note"))
    said = {"outcome_by": None, "outcome_at": None} if nothing_said else {"outcome_by": caller.id, "outcome_at": at}
    following = {"version": row.version + 1, "outcome_version": row.version + 1, "updated_at": at}
    after = await repository.update(tx, row.id, changed | said | following)
    with telling(replace(current(), correlation_id=after.correlation_id)):
        state = state_of(after, sorted(changed))
        tx.record(CALL_UPDATED, subject=NOUN, id=after.id, sequence=after.version, data=state)
