"""From webhooks to a call: all of a call's webhooks are folded at once, in one transaction under its lock.

The row, its legs, the news and the timers commit together, so an event counts exactly once however often it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from crm_chassis.context import current, telling
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.schedule import schedule, unschedule
from crm_contracts.telephony import CALL_RANG, CallState

from crm_telephony.calls import joining, repository, rules
from crm_telephony.calls.fold import Closing, Folded, Ordered, fold
from crm_telephony.calls.repository import Row
from crm_telephony.calls.telling import state_from, state_of
from crm_telephony.connections import repository as connections
from crm_telephony.dialing import repository as dialing
from crm_telephony.extensions import repository as extensions
from crm_telephony.extensions.rules import Mapping, user_of
from crm_telephony.hooks import repository as hooks
from crm_telephony.numbers.rules import is_hidden, line_key, normalise
from crm_telephony.phone_index import repository as phone_index
from crm_telephony.recordings import service as recordings
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import LegSeen, RecordingTold, Seen

SETTLE, SWEEP = "call.settle", "call.sweep"
SKEW_WARNING_S = 120

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may be silent before we stop waiting for its end, in seconds."""

    settle_s: float
    ring_s: float
    talk_s: float
    request_s: float


async def fold_call(
    tx: Transaction,
    patience: Patience,
    connection_id: UUID,
    vendor_call_id: str,
    at: datetime,
    *,
    closing: Closing | None = None,
) -> None:
    """The call stands as all its webhooks together tell; its news is recorded, its timers are set.

    What tells of a recording only makes no call: the recording waits for it.
    """
    await repository.lock_key(tx, connection_id, vendor_call_id)
    raws = await hooks.of_call(tx, connection_id, vendor_call_id)
    if closing is None and all(raw.parsed_at is not None for raw in raws):
        return
    connection = await connections.by_id(tx.connection, connection_id)
    assert connection is not None
    seen, told = _read(connection.vendor, raws)
    row = await joining.find(tx, connection, vendor_call_id, seen)
    with telling(replace(current(), correlation_id=row.correlation_id if row else raws[0].correlation_id)):
        await recordings.expect(tx, connection_id, vendor_call_id, told, at)
        if seen or row is not None:
            row = await _settle(tx, patience, connection, vendor_call_id, row, seen, closing, at)
            if told:
                await recordings.show_on_call(tx, row, at)
        await hooks.parsed(tx, [raw.id for raw in raws if raw.parsed_at is None])


async def fold_ordered(
    tx: Transaction, patience: Patience, row: Row, at: datetime, *, closing: Closing | None = None
) -> None:
    """A call we ordered and the PBX has not told of yet stands as its command does. `row` is locked."""
    connection = await connections.by_id(tx.connection, row.connection_id)
    assert connection is not None
    with telling(replace(current(), correlation_id=row.correlation_id)):
        await _settle(tx, patience, connection, None, row, [], closing, at)


def _read(vendor: str, raws: Sequence[Row]) -> tuple[list[Seen], list[RecordingTold]]:
    adapter = VENDORS[vendor]
    seen: list[Seen] = []
    told: list[RecordingTold] = []
    for raw in raws:
        parsed = adapter.parse(raw.path, adapter.payload(raw.body), raw.arrived_at.timestamp())
        seen.extend(parsed.seen)
        if parsed.recording is not None:
            told.append(parsed.recording)
    return seen, told


async def _settle(
    tx: Transaction,
    patience: Patience,
    connection: Row,
    vendor_call_id: str | None,
    row: Row | None,
    seen: Sequence[Seen],
    closing: Closing | None,
    at: datetime,
) -> Row:
    command = await dialing.by_id(tx, row.command_id) if row is not None and row.command_id else None
    ordered = None
    if command is not None:
        ordered = Ordered(
            extension=command.extension,
            to_number=command.to_e164,
            requested_at=command.requested_at.timestamp(),
            refused=command.state == "refused",
        )
    closed = closing or (row.closed if row is not None else None)
    view = fold(seen, ordered=ordered, closed=closed)
    if abs(view.clock_offset) > SKEW_WARNING_S:
        log.warning("clock of the PBX is off", connection=str(connection.id), seconds=round(view.clock_offset))
    before = state_of(row) if row is not None else None
    mappings = await extensions.mappings(tx, connection.id, _extensions(view))
    values = await _values(tx, connection, command, row, view, mappings)
    kept = values | {"vendor_call_id": vendor_call_id, "closed": closed, "updated_at": at}
    id = row.id if row is not None else new_id()
    after = state_from(kept | {"id": id, "connection_id": connection.id, "version": 1}, row)
    rang_before = row is not None and row.person_rang
    news = rules.announce(before, after, rang_before=rang_before, rings=view.person_rang)
    if row is None:
        identity = {"id": id, "connection_id": connection.id, "command_id": None, "origin": "pbx", "version": 1}
        row = await repository.insert_call(tx, kept | identity | {"correlation_id": current().correlation_id})
    else:
        row = await repository.update(tx, row.id, kept | {"version": row.version + (1 if news else 0)})
    await repository.keep_legs(tx, _leg_rows(row.id, view, mappings))
    if news:
        state = state_of(row, rules.changed(before, after))
        tx.record(
            news,
            subject="call",
            id=row.id,
            sequence=row.version,
            data=state,
            happened_at=_happened_at(news, state, seen, view),
        )
    await _set_timers(tx, patience, row, view, before, at)
    return row


def _extensions(view: Folded) -> list[str]:
    involved = [ring for ring in (*view.rung, view.answered_by, view.responsible) if ring is not None]
    named = [ring.extension for ring in involved] + [leg.extension for leg in view.legs] + [view.caller]
    return [extension for extension in named if extension]


async def _values(
    tx: Transaction,
    connection: Row,
    command: Row | None,
    row: Row | None,
    view: Folded,
    mappings: Sequence[Mapping],
) -> dict[str, Any]:
    """The columns of the call: the fold's view with users, line, number and person put to it."""
    number = normalise(view.client, connection.default_region)
    line = await _line(tx, connection, view.line)
    fallback = (line.fallback_user_id if line is not None else None) or connection.fallback_user_id

    def user(extension: str, since: float) -> UUID | None:
        return user_of(mappings, extension, moment(since))

    ringing: list[UUID] = []
    for ring in view.rung:
        known = user(ring.extension, ring.at)
        if known is not None and known not in ringing:
            ringing.append(known)
    hint, hint_owner = await _hint(tx, row, number.e164)
    answered_by = user(view.answered_by.extension, view.answered_by.at) if view.answered_by else None
    responsible = user(view.responsible.extension, view.responsible.at) if view.responsible else None
    if view.answered_at is None:
        if view.direction != "in":
            responsible = command.user_id if command is not None else user(view.caller, view.started_at)
        elif view.phase == "ended":
            responsible = hint_owner
    return {
        "direction": view.direction,
        "phase": view.phase,
        "result": view.result,
        "line": (normalise(view.line, connection.default_region).e164 or view.line) or None,
        "line_team_id": line.team_id if line is not None else None,
        "fallback_user_id": fallback,
        "hidden": view.direction == "in" and is_hidden(view.client),
        "phone_e164": number.e164,
        "phone_raw": number.raw,
        "person_hint_id": hint,
        "started_at": moment(view.started_at),
        "answered_at": moment(view.answered_at) if view.answered_at is not None else None,
        "ended_at": moment(view.ended_at) if view.ended_at is not None else None,
        "ring_s": view.ring_s,
        "talk_s": view.talk_s,
        "hold_s": view.hold_s,
        "queue_s": view.queue_s,
        "person_rang": view.person_rang,
        "ringing_user_ids": ringing,
        "answered_by": answered_by,
        "responsible_user_id": responsible,
    }


def moment(seconds: float) -> datetime:
    """The time of the epoch as we keep it."""
    return datetime.fromtimestamp(seconds, UTC)


async def _line(tx: Transaction, connection: Row, written: str) -> Row | None:
    if not written:
        return None
    key = line_key(written, connection.default_region)
    lines = (await connections.lines_of(tx.connection, [connection.id]))[connection.id]
    return next((line for line in lines if line.key == key), None)


async def _hint(tx: Transaction, row: Row | None, e164: str | None) -> tuple[UUID | None, UUID | None]:
    """(person, owner) by the copy; a person chosen when dialling stays, a hint once told does too."""
    if row is not None and row.person_hint_id is not None:
        known = await phone_index.person(tx, row.person_hint_id)
        return row.person_hint_id, known.owner_id if known is not None else None
    found = await phone_index.of_number(tx, e164) if e164 else None
    return (found.id, found.owner_id) if found is not None else (None, None)


def _leg_rows(call_id: UUID, view: Folded, mappings: Sequence[Mapping]) -> list[dict[str, Any]]:
    return [
        {
            "call_id": call_id,
            "vendor_leg_id": leg.id,
            "party": leg.party.value,
            "extension": leg.extension or None,
            "user_id": user_of(mappings, leg.extension, moment(leg.began_at)) if leg.extension else None,
            "number": leg.number or None,
            "began_at": moment(leg.began_at),
            "answered_at": moment(leg.answered_at) if leg.answered_at is not None else None,
            "ended_at": moment(leg.ended_at) if leg.ended_at is not None else None,
            "end": leg.end,
        }
        for leg in view.legs
    ]


def _happened_at(news: str, state: CallState, seen: Sequence[Seen], view: Folded) -> datetime:
    """When the state became so: the latest ring for `rang` (it may be told again for a new user)."""
    if state.ended_at is not None:
        return state.ended_at
    if news == CALL_RANG:
        rings = [item.at + view.clock_offset for item in seen if isinstance(item, LegSeen)]
        return moment(max(rings, default=view.started_at))
    return state.answered_at or state.started_at


async def _set_timers(
    tx: Transaction, patience: Patience, row: Row, view: Folded, before: CallState | None, at: datetime
) -> None:
    key = str(row.id)
    if row.phase == "ended":
        if before is not None and before.phase != "ended":
            await unschedule(tx, SETTLE, key)
            await unschedule(tx, SWEEP, key)
        return
    silence = {"requested": patience.request_s, "talking": patience.talk_s}.get(row.phase, patience.ring_s)
    await schedule(tx, SWEEP, key, at + timedelta(seconds=silence))
    if view.all_legs_ended:
        await schedule(tx, SETTLE, key, at + timedelta(seconds=patience.settle_s))
