"""Deals written as their rows want them, a chunk in few statements, each told as the API would have told it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.context import current
from crm_chassis.ids import new_id
from crm_chassis.imports.kinds import Judged, Run, Written
from crm_contracts.deals import DEAL_CREATED, DEAL_STAGE_CHANGED, DEAL_UPDATED, DealStageChanged

from crm_deals.deals.rules import closed_at
from crm_deals.deals.schemas import deal_state
from crm_deals.deals.service import OPENED, record, tell
from crm_deals.imports import repository
from crm_deals.imports.judging import Wish
from crm_deals.pipelines import repository as pipelines

_TOLD = ("title", "person_id", "company_id", "amount", "owner_id", "stage_id")
_STAGE = ("stage_id", "stage_entry_id", "stage_entered_at", "outcome", "loss_reason", "closed_at")


async def write_new(run: Run, rows: Sequence[Judged], now: datetime) -> list[Written]:
    """The deals are stored with what is known of their past: created then, closed then, recorded now."""
    if not rows:
        return []
    deals, entries, lines, said = [], [], [], {}
    opened_in = {}
    for row in rows:
        wish: Wish = row.plan
        if wish.stage.id not in opened_in:
            opened_in[wish.stage.id] = await _opened_in(run, wish.stage.id)
        deal, steps = _new(wish, opened_in[wish.stage.id], now)
        deals.append(deal)
        entries += steps
        lines += _line(deal["id"], wish.product_id, wish.amount)
        said[deal["id"]] = wish.said
    await repository.add(run.tx, deals, entries, lines)
    await repository.remember(run.tx, said)
    stored = await repository.whole(run.tx, said.keys())
    first = {entry["deal_id"]: entry for entry in reversed(entries)}
    for deal in deals:
        _tell_new(run, stored[deal["id"]], first[deal["id"]])
    run.tx.after_commit(partial(OPENED.labels(repository.ORIGIN).inc, len(deals)))
    return [Written(row.row.number, deal["id"], deal["version"]) for row, deal in zip(rows, deals, strict=True)]


async def write_changed(run: Run, rows: Sequence[Judged], now: datetime) -> list[Written]:
    """The deals stand as the file says now; what it does not say otherwise than before stays as it is."""
    if not rows:
        return []
    changed: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    relined: list[UUID] = []
    for row in rows:
        wish: Wish = row.plan
        there = wish.there
        assert there is not None
        values = {name: there._mapping[name] for name in repository.CHANGEABLE} | _changes(wish, there)
        changed.append({"id": there.id} | values)
        if "stage" in wish.changes:
            entries.append(entry(there.id, there.stage_id, values, now))
        if wish.changes & {"amount", "product"}:
            relined.append(there.id)
            product = wish.product_id or (UUID(there.lines[0]["product_id"]) if there.lines else None)
            lines += _line(there.id, product, values["amount"])
    await repository.add(run.tx, [], entries, [])
    await repository.change(run.tx, changed)
    await repository.put_lines(run.tx, relined, lines)
    await repository.remember(run.tx, {r.plan.there.id: (r.plan.there.said or {}) | r.plan.said for r in rows})
    stored = await repository.whole(run.tx, [each["id"] for each in changed])
    written = []
    for row in rows:
        there = row.plan.there
        now_row = stored[there.id]
        tell_change(run, there, now_row, now, lines=there.id in relined)
        written.append(Written(row.row.number, there.id, now_row.version, _before(there, there.id in relined)))
    return written


def tell_change(run: Run, before: sa.Row[Any], after: sa.Row[Any], now: datetime, *, lines: bool) -> None:
    """One event tells the whole change: a move, at the moment of the move, or an edit, now."""
    names = [name for name in repository.CHANGEABLE if before._mapping[name] != after._mapping[name]]
    told = [name for name in names if name not in ("owner_source", "entered_amount")] + ["lines"] * lines
    if before.stage_entry_id == after.stage_entry_id:
        tell(run.tx, DEAL_UPDATED, after, told, happened_at=now)
        return
    state = DealStageChanged(**dict(deal_state(after, told)), from_stage_id=before.stage_id, to_stage_id=after.stage_id)
    record(run.tx, DEAL_STAGE_CHANGED, after, state, after.stage_entered_at)


def entry(deal_id: UUID, from_stage_id: UUID | None, values: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A line of history that brings the deal where `values` have it, recorded now."""
    return {
        "id": values["stage_entry_id"],
        "deal_id": deal_id,
        "from_stage_id": from_stage_id,
        "to_stage_id": values["stage_id"],
        "loss_reason": values["loss_reason"],
        "happened_at": values["stage_entered_at"],
        "recorded_at": now,
        "actor": current().actor,
    }


async def _opened_in(run: Run, pipeline_id: UUID) -> UUID:
    """The stage in which deals were before they were closed."""
    stages = [stage for stage in await pipelines.one(run.tx.connection, pipeline_id) if stage.kind == "open"]
    chosen = [stage.stage_id for stage in stages if stage.stage_id == run.options.opened_stage_id]
    last: UUID = stages[-1].stage_id
    return chosen[0] if chosen else last


def _new(wish: Wish, opened_in: UUID, now: datetime) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The deal's row, and its history from the first stage on."""
    deal_id = new_id()
    stage_id = wish.stage.stage_id
    first: dict[str, Any] = {
        "stage_id": stage_id if wish.when.closed_at is None else opened_in,
        "stage_entry_id": new_id(),
        "stage_entered_at": wish.when.opened_at,
        "outcome": "open",
        "loss_reason": None,
        "closed_at": None,
    }
    steps = [first]
    if wish.when.closed_at is not None:
        steps.append(
            {
                "stage_id": stage_id,
                "stage_entry_id": new_id(),
                "stage_entered_at": wish.when.closed_at,
                "outcome": wish.stage.kind,
                "loss_reason": wish.loss_reason,
                "closed_at": wish.when.closed_at,
            }
        )
    deal = steps[-1] | {
        "id": deal_id,
        "title": wish.title,
        "person_id": wish.person_id,
        "company_id": wish.company_id,
        "pipeline_id": wish.stage.id,
        "entered_amount": wish.amount,
        "amount": wish.amount,
        "currency": wish.currency,
        "owner_id": wish.owner_id,
        "owner_source": "human",
        "origin_type": repository.ORIGIN,
        "origin_id": wish.origin_id,
        "created_at": wish.when.opened_at,
        "expected_close_on": wish.expected_close_on,
        "correlation_id": current().correlation_id,
        "version": len(steps),
    }
    came_from = [None, *(step["stage_id"] for step in steps)]
    return deal, [entry(deal_id, before, step, now) for before, step in zip(came_from, steps, strict=False)]


def _line(deal_id: UUID, product_id: UUID | None, amount: Decimal) -> list[dict[str, Any]]:
    """One of the product, for the whole amount."""
    if product_id is None:
        return []
    return [
        {
            "id": new_id(),
            "deal_id": deal_id,
            "position": 0,
            "product_id": product_id,
            "quantity": Decimal(1),
            "price": amount,
            "discount_percent": Decimal(0),
            "total": amount,
        }
    ]


def _tell_new(run: Run, row: sa.Row[Any], first: dict[str, Any]) -> None:
    """Created in its first stage; and closed, when it is, in its own event."""
    now_state = deal_state(row, list(_STAGE))
    born = now_state.model_copy(
        update={
            "changed": [name for name in _TOLD if row._mapping[name]],
            "stage_id": first["to_stage_id"],
            "stage_entry_id": first["id"],
            "stage_entered_at": first["happened_at"],
            "outcome": None,
            "loss_reason": None,
            "closed_at": None,
            "version": 1,
        }
    )
    run.tx.record(DEAL_CREATED, subject="deal", id=row.id, sequence=1, data=born, happened_at=first["happened_at"])
    if row.version > 1:
        told = [name for name in _STAGE if row._mapping[name]]
        state = DealStageChanged(
            **dict(now_state) | {"changed": told}, from_stage_id=first["to_stage_id"], to_stage_id=row.stage_id
        )
        record(run.tx, DEAL_STAGE_CHANGED, row, state, row.stage_entered_at)


def _changes(wish: Wish, there: sa.Row[Any]) -> dict[str, Any]:
    """Columns the file says otherwise than the last one did."""
    values: dict[str, Any] = {
        column: getattr(wish, column)
        for name, column in (
            ("title", "title"),
            ("company", "company_id"),
            ("person", "person_id"),
            ("owner", "owner_id"),
            ("expected_close_on", "expected_close_on"),
        )
        if name in wish.changes
    }
    if "loss_reason" in wish.changes:
        values["loss_reason"] = wish.said["loss_reason"]
    if "owner" in wish.changes:
        values["owner_source"] = "human"
    if wish.changes & {"amount", "product"}:
        kept = "amount" not in wish.said and there.amount
        values["amount"] = values["entered_amount"] = there.amount if kept else wish.amount
    if "stage" in wish.changes:
        moment = wish.when.closed_at or wish.when.opened_at
        values |= {
            "stage_id": wish.stage.stage_id,
            "stage_entry_id": new_id(),
            "stage_entered_at": moment,
            "outcome": wish.stage.kind,
            "loss_reason": wish.loss_reason,
            "closed_at": closed_at(wish.stage.kind, moment),
        }
    return values


def _before(there: sa.Row[Any], relined: bool) -> dict[str, Any]:
    """What an undo puts back, as JSON."""
    columns = {name: there._mapping[name] for name in repository.CHANGEABLE}
    told = {name: None if value is None else str(value) for name, value in columns.items()}
    return {"deal": told, "lines": list(there.lines) if relined else None, "said": there.said}
