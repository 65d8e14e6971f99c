"""Use cases of call-backs: what calls tell, and the tasks that follow from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.context import current
from crm_chassis.database import Transaction
from crm_contracts.contacts import CallLinked
from crm_contracts.telephony import MISSED_RESULTS, CallState

from crm_deals.callbacks import repository
from crm_deals.callbacks.rules import CallBack, Handled, Link, Report, call_backs, matched
from crm_deals.deals import from_call
from crm_deals.deals import repository as deals
from crm_deals.tasks import repository as tasks
from crm_deals.tasks.service import add_task, change_task

LATE_AFTER = timedelta(hours=24)
"""How late an event about a call may come and still ask for a call-back."""

_SETTLED_AFTER = 2 * LATE_AFTER


@dataclass(frozen=True, slots=True)
class Company:
    """How the company works: from the end of a missed call to when the call back is due, how long before that its
    owner is reminded, and the currency of deals that calls begin."""

    due: Callable[[datetime], datetime]
    reminder: timedelta
    currency: str


async def call_reported(tx: Transaction, state: CallState, sequence: int, company: Company, now: datetime) -> None:
    """Call-backs of the caller's number are as all that is known of its calls asks for."""
    if state.direction == "internal":
        return
    await repository.lock(tx, f"call:{state.id}")
    before = await repository.call(tx, state.id)
    call = before.reported(_report(state, sequence))
    await repository.keep(tx, call)
    # A correction may name another number: both are looked at again.
    phones = {known.report.phone for known in (before, call) if known.report and known.report.phone}
    await repository.lock(tx, *(f"phone:{phone}" for phone in phones))
    for phone in sorted(phones):
        await _settle(tx, phone, company, now)


async def call_linked(tx: Transaction, state: CallLinked, sequence: int, company: Company, now: datetime) -> None:
    """The call's person has an open deal, and its call-back knows person and owner."""
    await repository.lock(tx, f"call:{state.call_id}")
    before = await repository.call(tx, state.call_id)
    call = before.linked(Link(sequence, state.person_id, state.pii.person_name, state.owner_id, state.owner_source))
    await repository.keep(tx, call)
    assert call.link is not None
    phone = call.report.phone if call.report else None
    person_id = await from_call.living_person(tx, call.link.person_id)
    await repository.lock(tx, f"person:{person_id}", *([f"phone:{phone}"] if phone else []))
    await from_call.follow_owner(tx, person_id, call.link)
    if before.link is None and state.direction == "in":
        await from_call.make_deal(tx, person_id, call.id, call.link, state.pii.phone, company.currency, now)
    if phone:
        await _settle(tx, phone, company, now)


def _report(state: CallState, sequence: int) -> Report:
    missed = state.result in MISSED_RESULTS
    talked = not missed and (state.talk_s > 0 or (state.phase == "talking" and state.answered_at is not None))
    return Report(
        sequence=sequence,
        phone=None if state.hidden else (state.pii.phone or state.pii.phone_raw or None),
        started_at=state.started_at,
        ended_at=state.ended_at,
        talk_at=(state.answered_at or state.ended_at or state.started_at) if talked else None,
        missed=missed and state.direction == "in",
        ringing_user_ids=tuple(state.ringing_user_ids),
        responsible_user_id=state.responsible_user_id,
        fallback_user_id=state.fallback_user_id,
        correlation_id=state.correlation_id,
    )


async def _settle(tx: Transaction, phone: str, company: Company, now: datetime) -> None:
    """The tasks of the number are those the fold asks for; whoever calls this holds the number's lock."""
    calls = await repository.calls_of(tx, phone, now - _SETTLED_AFTER)
    keys = [_key(call.id) for call in calls if call.was_missed]
    rows = {row.id: row for row in await tasks.call_backs_of(tx, phone, keys)}
    handled = [Handled(row.call_id, row.completed_at) for row in rows.values() if _by_a_person(row)]
    needed = call_backs(calls, handled)
    for match in matched(needed, [(row.id, row.call_id) for row in rows.values()]):
        row = rows[match.task_id] if match.task_id else None
        if match.call_back:
            await _stand_for(tx, row, match.call_back, company, now)
        elif row and row.status == "open":
            done = {"status": "done", "completed_at": now, "completed_by": current().actor}
            await change_task(tx, row, done, list(done))


async def _stand_for(
    tx: Transaction, row: sa.Row[Any] | None, call_back: CallBack, company: Company, now: datetime
) -> None:
    """The task says what the call-back says, save what a person has said about it."""
    due_at = company.due(call_back.missed_at)
    closed = call_back.closed_at is not None
    wanted: dict[str, Any] = {
        "origin_key": _key(call_back.call_id),
        "call_id": call_back.call_id,
        "title": call_back.person_name or call_back.phone,
        "phone": call_back.phone,
        "owner_id": call_back.owner_id,
        "person_id": call_back.person_id,
        "misses": call_back.misses,
        "due_at": due_at,
        "remind_at": due_at - company.reminder,
        "status": "done" if closed else "open",
        "completed_at": call_back.closed_at,
        "completed_by": current().actor if closed else None,
        "correlation_id": call_back.correlation_id,
    }
    if call_back.person_id and (row is None or row.deal_id is None):
        wanted["deal_id"] = await deals.newest_open_of(tx, await from_call.all_person_ids(tx, call_back.person_id))
    if row is None:
        await add_task(tx, wanted | {"kind": "callback", "note": "", "created_at": now})
        return
    kept = set(row.human_fields)
    if "due_at" in kept:
        kept.add("remind_at")
    if _by_a_person(row):
        kept |= {"status", "completed_at", "completed_by"}
    values = {name: value for name, value in wanted.items() if name not in kept and row._mapping[name] != value}
    if values:
        await change_task(tx, row, values, [name for name in values if name != "origin_key"])


def _by_a_person(row: sa.Row[Any]) -> bool:
    return bool(row.completed_by and row.completed_by.startswith("user:"))


def _key(call_id: UUID) -> str:
    return f"callback:{call_id}"
