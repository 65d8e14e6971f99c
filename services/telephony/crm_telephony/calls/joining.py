"""Which row a PBX's call belongs to: one it told of before, one we ordered, or none yet."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from crm_chassis.aliases import add_alias
from crm_chassis.database import Transaction

from crm_telephony.calls import repository
from crm_telephony.calls.fold import fold
from crm_telephony.calls.repository import Row
from crm_telephony.calls.service import NOUN
from crm_telephony.dialing import repository as dialing
from crm_telephony.numbers.rules import normalise
from crm_telephony.vendors.port import LegSeen, Seen

NEAR = timedelta(seconds=30)
"""A call of the same extension to the same number so near to our order is the ordered one (telephony.md §2.3.5)."""


async def find(tx: Transaction, connection: Row, vendor_call_id: str, seen: Sequence[Seen]) -> Row | None:
    """The row, locked; with it a click-to-call becomes one call, whichever webhook names the command first."""
    known = await repository.by_vendor_id(tx, connection.id, vendor_call_id)
    commands = sorted({item.command_id for item in seen if isinstance(item, LegSeen) and item.command_id})
    ordered = await repository.by_command(tx, connection.id, commands)
    if ordered is None and known is None:
        ordered = await _nearest_order(tx, connection, seen)
    if ordered is None or (known is not None and known.id == ordered.id):
        return known
    if known is None:
        return ordered if ordered.vendor_call_id is None else None
    return await _join(tx, known, ordered)


async def _nearest_order(tx: Transaction, connection: Row, seen: Sequence[Seen]) -> Row | None:
    """For webhooks that do not echo our id, or whose first to arrive does not."""
    view = fold(seen)
    e164 = normalise(view.client, connection.default_region).e164
    if view.direction != "out" or e164 is None:
        return None
    began = datetime.fromtimestamp(view.started_at, UTC)
    call_id = await dialing.nearest(tx, connection.id, view.caller, e164, began - NEAR, began + NEAR)
    return await repository.locked(tx, call_id) if call_id is not None else None


async def _join(tx: Transaction, known: Row, ordered: Row) -> Row:
    """The call already told of is the ordered one: its row takes the order, the order's row leads to it."""
    if ordered.vendor_call_id is not None:
        return known
    command_id: UUID = ordered.command_id
    await dialing.move(tx, command_id, known.id)
    await repository.delete(tx, ordered.id)
    await add_alias(tx, NOUN, ordered.id, known.id)
    values = {
        "command_id": command_id,
        "origin": "api",
        "person_hint_id": ordered.person_hint_id or known.person_hint_id,
        "correlation_id": ordered.correlation_id,
    }
    return await repository.update(tx, known.id, values)
