"""Use cases of recordings: they are expected, settled after each attempt, shown on their call, and played."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.aliases import resolve
from crm_chassis.context import current, telling
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.metrics import counter
from crm_chassis.problems import Forbidden, NotFound
from crm_contracts.telephony import CALL_UPDATED, RECORDING_FAILED, RECORDING_STORED, RecordingFault, RecordingState

from crm_telephony.calls import repository as calls
from crm_telephony.calls.models import call
from crm_telephony.calls.telling import state_of
from crm_telephony.recordings import repository, rules
from crm_telephony.recordings.repository import Row
from crm_telephony.vendors.port import RecordingTold

FETCHED = counter("telephony_recordings_fetched", "Attempts to fetch a recording by how they ended", ["how"])
PLAYED = counter("telephony_recordings_played", "Answers with a recording or a part of one")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was fetched and stands in the store under the recording's id."""

    mime: str
    duration_s: int | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NotKept:
    """Why an attempt failed: the reason all may know, and what we know of it."""

    reason: RecordingFault
    error: str


async def expect(
    tx: Transaction, connection_id: UUID, vendor_call_id: str, told: Sequence[RecordingTold], at: datetime
) -> None:
    """Each recording told of is pending, unless it was known; its call's key is locked."""
    if told:
        await repository.expect(tx, [_pending(connection_id, vendor_call_id, one, at) for one in told])


async def expect_past(tx: Transaction, connection_id: UUID, keys: Mapping[str, str], at: datetime) -> dict[str, UUID]:
    """Recordings of many calls are pending, each had by its key; `keys` are by call. Answers the new ones' ids."""
    rows = [_pending(connection_id, of_call, RecordingTold(key), at) for of_call, key in keys.items()]
    return await repository.expect_new(tx, rows) if rows else {}


def _pending(connection_id: UUID, vendor_call_id: str, told: RecordingTold, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "connection_id": connection_id,
        "vendor_recording_id": told.key,
        "vendor_call_id": vendor_call_id,
        "url": told.url,
        "state": "pending",
        "duration_s": told.duration_s,
        "try_after": at,
        "correlation_id": current().correlation_id,
        "created_at": at,
        "updated_at": at,
        "version": 1,
    }


async def settle(tx: Transaction, recording: Row, outcome: Kept | NotKept, at: datetime) -> None:
    """The recording and its call stand as the attempt ended, and its event tells so when it was the last.

    `recording` is as it was claimed; a claim lost meanwhile changes nothing.
    """
    FETCHED.labels("stored" if isinstance(outcome, Kept) else outcome.reason).inc()
    await calls.lock_key(tx, recording.connection_id, recording.vendor_call_id)
    row = await repository.settle(tx, recording.claim, _after(recording, outcome, at))
    if row is None or row.state == "pending":
        return
    with telling(replace(current(), correlation_id=row.correlation_id)):
        of_call = await repository.call_of(tx, row.connection_id, row.vendor_call_id)
        tx.record(
            RECORDING_STORED if row.state == "stored" else RECORDING_FAILED,
            subject="recording",
            id=row.id,
            sequence=row.version,
            data=_told(row, of_call.id if of_call is not None else None),
        )
        if of_call is not None:
            await show_on_call(tx, of_call, at)


def _after(recording: Row, outcome: Kept | NotKept, at: datetime) -> dict[str, Any]:
    if isinstance(outcome, Kept):
        return {
            "state": "stored",
            "reason": None,
            "last_error": None,
            "try_after": None,
            "mime": outcome.mime,
            "duration_s": outcome.duration_s if recording.duration_s is None else recording.duration_s,
            "bytes": outcome.size,
            "sha256": outcome.sha256,
            "updated_at": at,
        }
    verdict = rules.after_failure(outcome.reason, recording.attempts, at)
    return {
        "state": verdict.state,
        "reason": outcome.reason,
        "last_error": outcome.error[:500],
        "try_after": verdict.try_after,
        "updated_at": at,
    }


def _told(row: Row, call_id: UUID | None) -> RecordingState:
    names = set(RecordingState.model_fields) - {"call_id", "changed"}
    return RecordingState(call_id=call_id, changed=["state"], **{name: getattr(row, name) for name in names})


async def show_on_call(tx: Transaction, of_call: Row, at: datetime) -> None:
    """The call shows how its recording stands, and its event tells so when that is new. Its row is locked."""
    row = await repository.best(tx, of_call.connection_id, of_call.vendor_call_id)
    if row is None:
        return
    state = "pending" if row.state == "fetching" else row.state
    shown = {
        "recording_id": row.id,
        "recording_state": state,
        "recording_duration_s": row.duration_s,
        "recording_reason": row.reason if state in ("failed", "absent") else None,
    }
    if all(getattr(of_call, name) == value for name, value in shown.items()):
        return
    after = await calls.update(tx, of_call.id, shown | {"version": of_call.version + 1, "updated_at": at})
    with telling(replace(current(), correlation_id=after.correlation_id)):
        told = state_of(after, ["recording"])
        tx.record(CALL_UPDATED, subject="call", id=after.id, sequence=after.version, data=told)


async def to_play(tx: Transaction, caller: Principal, call_id: UUID) -> tuple[Row, Row]:
    """(call, kept recording). NotFound when the call is not to be seen or has none; Forbidden when only seen."""
    lives = await resolve(tx.connection, "call", call_id)
    may = visible(caller, "call", "listen", calls.OWNER).label("may")
    seen = visible(caller, "call", "read", calls.OWNER)
    of_call = (await tx.execute(sa.select(call, may).where(call.c.id == lives, seen))).first()
    if of_call is None:
        raise NotFound
    if not of_call.may:
        raise Forbidden("You may see this call, not listen to it.")
    recording = await repository.by_id(tx, of_call.recording_id) if of_call.recording_state == "stored" else None
    if recording is None:
        standing = of_call.recording_state or "no"
        raise NotFound(f"There is nothing to hear of this call: {standing} recording.", code="no_recording")
    return of_call, recording


async def played(
    tx: Transaction, caller: Principal, of: tuple[Row, Row], remote_ip: str | None, first_byte: int, at: datetime
) -> None:
    """It is on record that the caller heard it, from where, and from which byte on."""
    of_call, recording = of
    row: Mapping[str, Any] = {
        "id": new_id(),
        "recording_id": recording.id,
        "call_id": of_call.id,
        "user_id": caller.id,
        "remote_ip": remote_ip,
        "first_byte": first_byte,
        "played_at": at,
    }
    await repository.played(tx, row)
    tx.after_commit(PLAYED.inc)
