"""The use case of moving in: the calls of an old system, as facts of their own time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_chassis.access.policy import admits, allowed_owner, require
from crm_chassis.access.principal import Principal
from crm_chassis.context import current
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import FieldError, Forbidden, Invalid
from crm_chassis.references import require_reference
from crm_contracts.envelope import Lane
from crm_contracts.telephony import CALL_ENDED, CALL_MISSED

from crm_telephony.calls.repository import Row
from crm_telephony.calls.telling import state_of
from crm_telephony.connections import repository as connections
from crm_telephony.numbers.rules import Number, is_hidden, line_key, normalise
from crm_telephony.past_calls import repository
from crm_telephony.past_calls.schemas import PastCall, PastCalls, Taken
from crm_telephony.phone_index import repository as phone_index
from crm_telephony.recordings import service as recordings

ORIGIN = "past"
"""Where such a call comes from. Its events travel on the bulk lane: no pop, no card, no call-back comes of them."""


async def take(tx: Transaction, caller: Principal, body: PastCalls, at: datetime) -> Taken:
    """The calls not known yet are stored and told, each at its own time.

    Forbidden without the right to make calls of these users; Invalid for a connection that is not and for calls that
    are not over yet; UnknownReference for a user that is not. Nothing is stored then.
    """
    require(caller, "call", "create")
    connection = await connections.by_id(tx.connection, body.connection_id)
    if connection is None:
        raise Invalid([FieldError("connection_id", "unknown_connection", "There is no such connection.")])
    users = {call.user_id for call in body.calls}
    known = await connections.known_users(tx, users)
    for user in sorted(users):
        require_reference(caller, "user", user, user in known)
        # One that the gateway vouches for and the copy lacks is in no team yet.
        if not admits(caller, "call", "create", user) and not await allowed_owner(tx, caller, "call", "create", user):
            raise Forbidden("You may not make calls of this user.")
    early = [number for number, call in enumerate(body.calls) if _ended(call) > at]
    if early:
        why = "This call is not over yet."
        raise Invalid([FieldError(f"calls.{number}.started_at", "in_the_future", why) for number in early])
    numbers = {call.phone: normalise(call.phone, connection.default_region) for call in body.calls}
    cards = await phone_index.of_numbers(tx, {number.e164 for number in numbers.values() if number.e164})
    lines = {line.key: line for line in (await connections.lines_of(tx.connection, [connection.id]))[connection.id]}
    keys = {_key(call): call.recording for call in body.calls if call.recording}
    for key in await repository.known(tx, connection.id, list(keys)) if keys else ():
        del keys[key]  # what was sent before is let be, its recording too
    recorded = await recordings.expect_past(tx, connection.id, keys, at)
    wanted = {
        call.id: _row(call, connection, lines, numbers[call.phone], cards, recorded.get(_key(call)), at)
        for call in body.calls
    }
    stored = await repository.add(tx, list(wanted.values()))
    for row in stored:
        _tell(tx, row)
    without = sum(row.person_hint_id is None for row in stored)
    return Taken(taken=len(stored), without_card=without, known=len(body.calls) - len(stored))


def _row(
    call: PastCall,
    connection: Row,
    lines: Mapping[str, Row],
    number: Number,
    cards: Mapping[str, Row],
    recording_id: UUID | None,
    at: datetime,
) -> dict[str, Any]:
    """The call's columns, as the fold of a PBX's webhooks would have left them."""
    card = cards.get(number.e164) if number.e164 else None
    line = lines.get(line_key(call.line, connection.default_region)) if call.line else None
    answered = call.result == "answered"
    inbound = call.direction == "in"
    person_id: UUID | None = card.id if card is not None else None
    owner_id: UUID | None = card.owner_id if card is not None else None
    said = bool(call.outcome or call.outcome_note)
    return {
        "id": new_id(),
        "connection_id": connection.id,
        "vendor_call_id": _key(call),
        "origin": ORIGIN,
        "direction": call.direction,
        "phase": "ended",
        "result": call.result,
        "line": (normalise(call.line, connection.default_region).e164 or call.line) if call.line else None,
        "line_team_id": line.team_id if line is not None else None,
        "fallback_user_id": (line.fallback_user_id if line is not None else None) or connection.fallback_user_id,
        "hidden": inbound and is_hidden(call.phone),
        "phone_e164": number.e164,
        "phone_raw": number.raw,
        "person_hint_id": person_id,
        "card_owner_id": owner_id,
        "started_at": call.started_at,
        "answered_at": call.started_at + timedelta(seconds=call.ring_s) if answered else None,
        "ended_at": _ended(call),
        "ring_s": call.ring_s,
        "talk_s": call.talk_s,
        "person_rang": inbound,
        "ringing_user_ids": [call.user_id] if inbound else [],
        "answered_by": call.user_id if answered else None,
        "responsible_user_id": call.user_id if answered or not inbound else owner_id,
        "recording_id": recording_id,
        "recording_state": "pending" if recording_id else None,
        "outcome": call.outcome,
        "outcome_note": call.outcome_note,
        "outcome_by": call.user_id if said else None,
        "outcome_at": _ended(call) if said else None,
        "correlation_id": current().correlation_id,
        "updated_at": at,
        "version": 1,
    }


def _key(call: PastCall) -> str:
    return f"{ORIGIN}:{call.id}"


def _ended(call: PastCall) -> datetime:
    return call.started_at + timedelta(seconds=call.ring_s + call.talk_s)


def _tell(tx: Transaction, row: Row) -> None:
    news = CALL_MISSED if row.result == "missed" else CALL_ENDED
    state = state_of(row, ["phase", "result", "pii"])
    tx.record(news, subject="call", id=row.id, sequence=1, data=state, happened_at=row.ended_at, lane=Lane.BULK)
