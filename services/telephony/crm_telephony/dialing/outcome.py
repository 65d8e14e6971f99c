"""What becomes of an order to dial, told by the PBX at once (HTTP), later (its webhook), or never."""

from datetime import datetime
from uuid import UUID

from crm_chassis.database import Transaction

from crm_telephony.calls import repository as calls
from crm_telephony.calls.folding import Patience, fold_ordered
from crm_telephony.connections import repository as connections
from crm_telephony.dialing import repository
from crm_telephony.hooks import repository as hooks
from crm_telephony.vendors import VENDORS

SENT = ("submitting",)
"""What the HTTP answer may settle: a webhook that came before it knows better."""
OPEN = ("submitting", "accepted", "uncertain")
"""What the PBX's own later word may settle."""


async def settle(
    tx: Transaction,
    patience: Patience,
    command_id: UUID,
    state: str,
    reason: str | None,
    at: datetime,
    *,
    expected: tuple[str, ...],
) -> None:
    """The order is in its new state; refused, its call has failed unless the PBX has told of it."""
    command = await repository.by_id(tx, command_id)
    if command is None:
        return
    row = await calls.locked(tx, command.call_id)
    settled = await repository.settle(tx, command_id, state, reason, at, expected=expected)
    if settled is not None and state == "refused" and row is not None and row.vendor_call_id is None:
        await fold_ordered(tx, patience, row, at)


async def told_by_pbx(tx: Transaction, patience: Patience, connection_id: UUID, command_id: UUID, at: datetime) -> None:
    """The PBX's later word on an order of ours has had its effect."""
    raws = await hooks.of_command(tx, connection_id, command_id)
    connection = await connections.by_id(tx.connection, connection_id)
    assert connection is not None
    vendor = VENDORS[connection.vendor]
    for raw in raws:
        told = vendor.parse(raw.path, vendor.payload(raw.body), raw.arrived_at.timestamp()).command
        command = await repository.by_id(tx, told.command_id) if told is not None else None
        if told is not None and command is not None and command.connection_id == connection_id:
            state = "accepted" if told.refusal is None else "refused"
            await settle(tx, patience, told.command_id, state, told.refusal, at, expected=OPEN)
    await hooks.parsed(tx, [raw.id for raw in raws])
