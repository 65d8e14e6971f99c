"""Use cases of deals."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import allowed_owner, require
from crm_chassis.access.principal import Principal
from crm_chassis.context import current, telling
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.metrics import counter
from crm_chassis.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, Problem, StaleVersion
from crm_contracts.deals import DEAL_CREATED, DEAL_STAGE_CHANGED, DEAL_UPDATED, DealStageChanged

from crm_deals.cards.service import believed
from crm_deals.deals import repository
from crm_deals.deals.rules import Kept, Move, Refusal, Slip, closed_at, kept, refusal
from crm_deals.deals.schemas import DealCreate, DealMove, DealOut, DealPatch, DealRow, deal_out, deal_state
from crm_deals.lines.rules import MAX_AMOUNT, is_payable, minor_digits
from crm_deals.pipelines import repository as pipelines

OPENED = counter("deals_opened", "Deals opened, by what began them", ["origin"])

_BY_HAND = "user"


async def create_deal(
    tx: Transaction, caller: Principal, body: DealCreate, default_currency: str, now: datetime
) -> DealOut:
    """The deal is in an open stage, owned by somebody the caller may give deals to."""
    require(caller, "deal", "create")
    owner_id = body.owner_id or caller.id
    await _check_owner(tx, caller, "create", owner_id)
    stage = await _open_stage(tx, body)
    currency = body.currency or default_currency
    values = {
        "title": body.title,
        "person_id": await believed(tx, caller, "person", body.person_id) if body.person_id else None,
        "company_id": await believed(tx, caller, "company", body.company_id) if body.company_id else None,
        "amount": _amount(body.amount, currency),
        "currency": currency,
        "owner_id": owner_id,
        "owner_source": "human",
        "origin_type": _BY_HAND,
        "origin_id": None,
        "expected_close_on": body.expected_close_on,
    }
    row = await open_deal(tx, stage, values, now)
    assert row is not None  # a deal made by hand has no origin to collide with
    return deal_out(row)


async def open_deal(tx: Transaction, stage: sa.Row[Any], values: dict[str, Any], now: datetime) -> DealRow | None:
    """The deal is in `stage` since `now`, its history begun, and told; None when its origin has made one already."""
    story = current()
    entry = _entry(deal_id := new_id(), None, stage.stage_id, None, now, now)
    row = values | {
        "id": deal_id,
        "pipeline_id": stage.id,
        "stage_id": stage.stage_id,
        "stage_entry_id": entry["id"],
        "stage_entered_at": now,
        "outcome": "open",
        "loss_reason": None,
        "entered_amount": values["amount"],
        "created_at": now,
        "closed_at": None,
        "correlation_id": story.correlation_id,
        "version": 1,
    }
    if row["origin_id"] is None:
        repository.open_by_hand(tx, row, entry)
    elif await repository.add(tx, row):
        await repository.enter_stage(tx, entry)
    else:
        return None
    told = [name for name in ("title", "person_id", "company_id", "amount", "owner_id", "stage_id") if row[name]]
    whole = SimpleNamespace(**row, lines=[])
    tell(tx, DEAL_CREATED, whole, told, happened_at=now)
    tx.after_commit(OPENED.labels(whole.origin_type).inc)
    return whole


def _entry(
    deal_id: UUID,
    here: UUID | None,
    there: UUID,
    loss_reason: str | None,
    happened_at: datetime,
    now: datetime,
    corrects: UUID | None = None,
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "deal_id": deal_id,
        "from_stage_id": here,
        "to_stage_id": there,
        "loss_reason": loss_reason,
        "happened_at": happened_at,
        "recorded_at": now,
        "actor": current().actor,
        "corrects": corrects,
    }


async def patch_deal(tx: Transaction, caller: Principal, id: UUID, version: int, patch: DealPatch) -> DealOut:
    """The deal stands as patched; a new owner is one the caller may give deals to."""
    row = await lock_for_change(tx, caller, id, version)
    given = patch.given()
    if "amount" in given:
        if row.lines:
            raise Conflict("The amount is the sum of the deal's lines.", code="amount_of_lines")
        given["amount"] = _amount(given["amount"], row.currency)
    changed = [name for name, value in given.items() if row._mapping[name] != value]
    if not changed:
        return deal_out(row)
    values = {name: given[name] for name in changed}
    if "owner_id" in values:
        await _check_owner(tx, caller, "update", values["owner_id"])
        values["owner_source"] = "human"
    for noun in ("person", "company"):
        if values.get(f"{noun}_id"):
            values[f"{noun}_id"] = await believed(tx, caller, noun, values[f"{noun}_id"])
    if "amount" in values:
        values["entered_amount"] = values["amount"]
    row = await repository.change(tx, id, values)
    tell(tx, DEAL_UPDATED, row, changed)
    return deal_out(row)


async def move_deal(
    tx: Transaction, caller: Principal, id: UUID, version: int, body: DealMove, now: datetime
) -> DealOut:
    """The deal is in the stage since `happened_at` (now when not said), with one more line of history."""
    row = _changeable(await repository.locked_to_move(tx, caller, id, body.stage_id), version)
    if body.happened_at is not None and not row.backdatable:
        raise Forbidden("Your role may not say when a deal moved.")
    if row.to_kind is None:
        raise Invalid([FieldError("stage_id", "other_pipeline", "Not a stage of the deal's pipeline.")])
    now = max(now, row.stage_entered_at)  # another process' clock may be a little ahead
    happened_at = body.happened_at.astimezone(UTC) if body.happened_at else now
    move = Move(
        from_stage=row.stage_id,
        from_kind=row.outcome,
        entered_at=row.stage_entered_at,
        to_stage=body.stage_id,
        to_kind=row.to_kind,
        loss_reason=body.loss_reason,
        loss_reasons=row.loss_reasons,
        happened_at=happened_at,
        now=now,
        may_reopen=row.reopenable,
    )
    if refused := refusal(move):
        raise _refused(refused)
    entry = _entry(id, row.stage_id, body.stage_id, body.loss_reason, happened_at, now)
    values = {
        "stage_id": body.stage_id,
        "stage_entry_id": entry["id"],
        "stage_entered_at": happened_at,
        "outcome": row.to_kind,
        "loss_reason": body.loss_reason,
        "closed_at": closed_at(row.to_kind, happened_at),
    }
    changed = [name for name, value in values.items() if row._mapping[name] != value]
    moved = repository.move(tx, row, values, entry)
    _tell_moved(tx, row, moved, changed, happened_at)
    return deal_out(moved)


async def undo_move(tx: Transaction, caller: Principal, id: UUID, version: int, now: datetime) -> DealOut:
    """The deal is in the stage it was in before the caller's last move, by one more entry that names the slip.

    It entered there when it had left: no time was spent where it never was. No right to reopen is asked for.
    """
    row = _changeable(await repository.locked_to_undo(tx, caller, id), version)
    slip = Slip(
        from_kind=row.from_kind,
        corrects=row.corrects,
        actor=row.actor,
        by=caller.actor,
        recorded_at=row.recorded_at,
        now=now,
    )
    if why := kept(slip):
        raise Conflict(_KEPT[why], code=why.value)
    at = row.stage_entered_at
    entry = _entry(id, row.stage_id, row.from_stage_id, None, at, max(now, row.recorded_at), row.stage_entry_id)
    values = {
        "stage_id": row.from_stage_id,
        "stage_entry_id": entry["id"],
        "stage_entered_at": at,
        "outcome": "open",
        "loss_reason": None,
        "closed_at": None,
    }
    changed = [name for name, value in values.items() if row._mapping[name] != value]
    moved = repository.move(tx, row, values, entry)
    _tell_moved(tx, row, moved, changed, at, corrects=row.stage_entry_id)
    return deal_out(moved)


def _tell_moved(
    tx: Transaction,
    row: sa.Row[Any],
    moved: DealRow,
    changed: list[str],
    happened_at: datetime,
    corrects: UUID | None = None,
) -> None:
    state = DealStageChanged(
        **dict(deal_state(moved, changed)),
        from_stage_id=row.stage_id,
        to_stage_id=moved.stage_id,
        corrects_entry_id=corrects,
    )
    record(tx, DEAL_STAGE_CHANGED, moved, state, happened_at)


async def lock_for_change(tx: Transaction, caller: Principal, id: UUID, version: int) -> sa.Row[Any]:
    """The deal under its row lock: NotFound when unseen, Forbidden when not the caller's to change, StaleVersion."""
    return _changeable(await repository.locked(tx, caller, id), version)


def _changeable(row: sa.Row[Any] | None, version: int) -> sa.Row[Any]:
    if row is None:
        raise NotFound()
    if not row.changeable:
        raise Forbidden("You may see this deal, not change it.")
    if row.version != version:
        raise StaleVersion(deal_out(row))
    return row


def tell(tx: Transaction, type: str, row: DealRow, changed: list[str], happened_at: datetime | None = None) -> None:
    """The event about the deal as it stands now is recorded, as part of the deal's own story."""
    record(tx, type, row, deal_state(row, changed), happened_at)


def record(tx: Transaction, type: str, row: DealRow, state: Any, happened_at: datetime | None) -> None:
    """The event with this state is recorded, as part of the deal's own story."""
    with telling(replace(current(), correlation_id=row.correlation_id)):
        tx.record(type, subject="deal", id=row.id, sequence=row.version, data=state, happened_at=happened_at)


async def _check_owner(tx: Transaction, caller: Principal, action: str, owner_id: UUID) -> None:
    if not await allowed_owner(tx, caller, "deal", action, owner_id):
        raise Invalid([FieldError("owner_id", "owner_not_allowed", "You can not give deals to this user.")])


async def _open_stage(tx: Transaction, body: DealCreate) -> sa.Row[Any]:
    """The stage a new deal begins in: the one asked for, else the first of its pipeline, else of the default one."""
    if body.stage_id:
        stages = await pipelines.of_stage(tx.connection, body.stage_id)
        chosen = [stage for stage in stages if stage.stage_id == body.stage_id]
        if not chosen or body.pipeline_id not in (None, chosen[0].id):
            raise Invalid([FieldError("stage_id", "unknown_stage", "There is no such stage in this pipeline.")])
        if chosen[0].kind != "open":
            raise Invalid([FieldError("stage_id", "closed_stage", "A deal begins in an open stage.")])
        return chosen[0]
    if body.pipeline_id:
        stages = await pipelines.one(tx.connection, body.pipeline_id)
        if not stages:
            raise Invalid([FieldError("pipeline_id", "unknown_pipeline", "There is no such pipeline.")])
        return stages[0]
    return (await pipelines.default(tx.connection))[0]


def _amount(text: str, currency: str) -> Decimal:
    amount = Decimal(text)
    if not is_payable(amount, currency):
        message = f"{currency} has {minor_digits(currency)} decimal places."
        raise Invalid([FieldError("amount", "too_precise", message)])
    if amount >= MAX_AMOUNT:
        raise Invalid([FieldError("amount", "too_much", "More than a deal can hold.")])
    return amount


_FIELDS = {
    Refusal.REASON_NEEDED: ("loss_reason", "Say why the deal is lost."),
    Refusal.REASON_UNKNOWN: ("loss_reason", "Not one of the pipeline's loss reasons."),
    Refusal.REASON_OUT_OF_PLACE: ("loss_reason", "Only a lost deal has a loss reason."),
    Refusal.IN_THE_FUTURE: ("happened_at", "This has not happened yet."),
    Refusal.BEFORE_THE_PRESENT_STAGE: ("happened_at", "Before the deal entered the stage it is in."),
}


_KEPT = {
    Kept.NOTHING: "The deal's last move can not be taken back.",
    Kept.ANOTHERS: "Somebody else moved the deal.",
    Kept.TOO_LATE: "The move is too long ago to be a slip.",
}


def _refused(why: Refusal) -> Problem:
    if why is Refusal.SAME_STAGE:
        return Conflict("The deal is in this stage already.", code=why.value)
    if why is Refusal.REOPENING:
        return Forbidden("Your role may not reopen a closed deal.", code=why.value)
    field, message = _FIELDS[why]
    return Invalid([FieldError(field, why.value, message)])
