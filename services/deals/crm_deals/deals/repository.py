"""Statements of deals."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.paging import Keyset
from crm_chassis.writes import Writes, inserting, prefixed
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.automation.models import automation_run
from crm_deals.deals.models import deal, stage_entry
from crm_deals.lines.models import deal_line
from crm_deals.pipelines.models import pipeline, stage
from crm_deals.tasks.models import task

_told = ("id", "product_id", "quantity", "price", "discount_percent", "total")
_line = sa.func.jsonb_build_object(
    *(part for name in _told for part in (sa.text(f"'{name}'"), sa.cast(deal_line.c[name], sa.Text)))
)
_lines = (
    sa.select(
        sa.func.coalesce(
            sa.func.jsonb_agg(aggregate_order_by(_line, deal_line.c.position), type_=JSONB),
            sa.literal_column("'[]'::jsonb"),
        )
    )
    .where(deal_line.c.deal_id == deal.c.id)
    .scalar_subquery()
)

WHOLE: sa.Select[Any] = sa.select(*deal.c, _lines.label("lines"))
"""A deal with its lines, as deal_out and deal_state want it."""

ORDER = Keyset(("stage_entered_at", deal.c.stage_entered_at, "desc"), ("id", deal.c.id, "desc"))
"""What moved last comes first, in lists and in the board's columns alike."""

_by_id: sa.Select[Any] = WHOLE.where(deal.c.id == sa.bindparam("id"))

_open = (deal.c.person_id.in_(sa.bindparam("person_ids", expanding=True)), deal.c.outcome == "open")
_open_of_person = WHOLE.where(*_open).order_by(deal.c.id).with_for_update(of=deal, key_share=True)
_newest_open = (
    sa.select(deal.c.id)
    .where(*_open)
    .order_by(deal.c.created_at.desc(), deal.c.id.desc())
    .limit(1)
    .with_for_update(read=True, key_share=True)
)
_add = insert(deal).on_conflict_do_nothing().returning(deal.c.id)
_change = sa.update(deal).where(deal.c.id == sa.bindparam("p_id")).values(version=deal.c.version + 1)
_enter = sa.insert(stage_entry)
_entered = inserting(stage_entry, "entry")
_open_by_hand = Writes(inserting(deal, "deal"), _entered)
_moved_columns = ("stage_id", "stage_entry_id", "stage_entered_at", "outcome", "loss_reason", "closed_at", "version")
_move = Writes(
    sa.update(deal)
    .where(deal.c.id == sa.bindparam("moved_id"))
    .values({name: sa.bindparam(f"moved_{name}") for name in _moved_columns}),
    _entered,
)
_any = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))
_keep_standing = sa.select(deal.c.id).where(deal.c.id == sa.bindparam("id")).with_for_update(read=True, key_share=True)
_lock_many = (
    sa.select(deal.c.id, deal.c.owner_id, deal.c.version, deal.c.correlation_id)
    .where(deal.c.id == _any)
    .order_by(deal.c.id)
    .with_for_update()
)
_in_use = sa.select(deal.c.id).where(
    deal.c.id == _any,
    sa.or_(
        sa.exists().where(task.c.deal_id == deal.c.id, task.c.status == "open"),
        sa.exists().where(automation_run.c.deal_id == deal.c.id, automation_run.c.result == "sent"),
    ),
)
# Lines go with their deal; of its history the database checks that it goes with nothing less.
_remove = (
    sa.delete(automation_run).where(automation_run.c.deal_id == _any),
    sa.delete(stage_entry).where(stage_entry.c.deal_id == _any),
    sa.delete(deal).where(deal.c.id == _any),
)


@per_rights
def _readable(caller: Principal) -> sa.Select[Any]:
    return _by_id.where(visible(caller, "deal", "read", deal.c.owner_id))


@per_rights
def _locked(caller: Principal) -> sa.Select[Any]:
    changeable = visible(caller, "deal", "update", deal.c.owner_id).label("changeable")
    readable = visible(caller, "deal", "read", deal.c.owner_id)
    return _by_id.add_columns(changeable).where(readable).with_for_update(of=deal, key_share=True)


@per_rights
def _locked_to_move(caller: Principal) -> sa.Select[Any]:
    there = stage.alias("there")
    reopenable = visible(caller, "deal", "reopen", deal.c.owner_id).label("reopenable")
    backdatable = visible(caller, "deal", "backdate", deal.c.owner_id).label("backdatable")
    to_stage = sa.and_(there.c.id == sa.bindparam("to_stage_id"), there.c.pipeline_id == deal.c.pipeline_id)
    return (
        _locked.built(caller)
        .add_columns(reopenable, backdatable, there.c.kind.label("to_kind"), pipeline.c.loss_reasons)
        .select_from(deal)
        .join(pipeline, pipeline.c.id == deal.c.pipeline_id)
        .outerjoin(there, to_stage)
    )


@per_rights
def _locked_to_undo(caller: Principal) -> sa.Select[Any]:
    before = stage.alias("before")
    return (
        _locked.built(caller)
        .add_columns(
            stage_entry.c.from_stage_id,
            stage_entry.c.actor,
            stage_entry.c.recorded_at,
            stage_entry.c.corrects,
            before.c.kind.label("from_kind"),
        )
        .select_from(deal)
        .join(stage_entry, stage_entry.c.id == deal.c.stage_entry_id)
        .outerjoin(before, before.c.id == stage_entry.c.from_stage_id)
    )


async def read(connection: AsyncConnection, caller: Principal, id: UUID) -> sa.Row[Any] | None:
    """The deal, when the caller may read it."""
    statement, rights = _readable(caller)
    row: sa.Row[Any] | None = (await connection.execute(statement, rights | {"id": id})).first()
    return row


async def locked(tx: Transaction, caller: Principal, id: UUID) -> sa.Row[Any] | None:
    """The deal under its row lock when the caller may read it; `changeable` tells whether they may update it."""
    statement, rights = _locked(caller)
    return (await tx.execute(statement, rights | {"id": id})).first()


async def locked_to_move(tx: Transaction, caller: Principal, id: UUID, to_stage_id: UUID) -> sa.Row[Any] | None:
    """As `locked`, with `reopenable`, `backdatable`, the pipeline's `loss_reasons` and the stage's kind `to_kind`.

    `to_kind` is null when the stage is none of the deal's pipeline.
    """
    statement, rights = _locked_to_move(caller)
    return (await tx.execute(statement, rights | {"id": id, "to_stage_id": to_stage_id})).first()


async def locked_to_undo(tx: Transaction, caller: Principal, id: UUID) -> sa.Row[Any] | None:
    """As `locked`, with from_stage_id, actor, recorded_at and corrects of the entry the deal is in.

    `from_kind` is the kind of the stage before, null for the deal's first entry.
    """
    statement, rights = _locked_to_undo(caller)
    return (await tx.execute(statement, rights | {"id": id})).first()


async def locked_to_remove(tx: Transaction, caller: Principal, id: UUID) -> sa.Row[Any] | None:
    """The deal, nothing being tied to it meanwhile, when the caller may read it; `removable` if they may delete it."""
    removable = visible(caller, "deal", "delete", deal.c.owner_id).label("removable")
    statement = (
        _by_id.add_columns(removable).where(visible(caller, "deal", "read", deal.c.owner_id)).with_for_update(of=deal)
    )
    return (await tx.execute(statement, {"id": id})).first()


async def lock_many(tx: Transaction, ids: Sequence[UUID]) -> list[sa.Row[Any]]:
    """Those of the ids that are deals (id, owner_id, version, correlation_id), nothing being tied to them meanwhile."""
    return list((await tx.execute(_lock_many, {"ids": list(ids)})).all())


async def in_use(tx: Transaction, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the deals that have an open task, or because of which a customer was written to."""
    return set((await tx.execute(_in_use, {"ids": list(ids)})).scalars())


async def remove(tx: Transaction, ids: Sequence[UUID]) -> None:
    """The deals are gone with their lines, history and runs; their rows are locked and no task names them."""
    for statement in _remove:
        await tx.execute(statement, {"ids": list(ids)})


async def keep_standing(tx: Transaction, id: UUID) -> bool:
    """True when there is such a deal; it can not be removed until this transaction ends."""
    return await tx.scalar(_keep_standing, {"id": id}) is not None


async def whole(tx: Transaction, id: UUID) -> sa.Row[Any]:
    """The deal as it stands in this transaction."""
    return (await tx.execute(_by_id, {"id": id})).one()


async def open_of_person(tx: Transaction, person_ids: list[UUID]) -> list[sa.Row[Any]]:
    """Open deals of a person under all the ids they ever had, row-locked, oldest first."""
    return list((await tx.execute(_open_of_person, {"person_ids": person_ids})).all())


async def newest_open_of(tx: Transaction, person_ids: list[UUID]) -> UUID | None:
    """The person's open deal that was made last."""
    found: UUID | None = await tx.scalar(_newest_open, {"person_ids": person_ids})
    return found


async def add(tx: Transaction, values: dict[str, Any]) -> bool:
    """The deal is stored; False when its origin has made one already."""
    return (await tx.execute(_add, values)).first() is not None


def open_by_hand(tx: Transaction, row: dict[str, Any], entry: dict[str, Any]) -> None:
    """The deal and the first line of its history are stored when the transaction ends: nothing can stand in the way."""
    tx.at_end(_open_by_hand, prefixed("deal", row) | prefixed("entry", entry))


def move(tx: Transaction, row: sa.Row[Any], values: dict[str, Any], entry: dict[str, Any]) -> SimpleNamespace:
    """The locked deal as it stands with these values and the next version, stored when the transaction ends."""
    after = SimpleNamespace(**row._mapping)
    vars(after).update(values, version=row.version + 1)
    changed = {name: getattr(after, name) for name in ("id", *_moved_columns)}
    tx.at_end(_move, prefixed("moved", changed) | prefixed("entry", entry))
    return after


async def change(tx: Transaction, id: UUID, values: dict[str, Any]) -> sa.Row[Any]:
    """The deal with these values and the next version."""
    await tx.execute(_change, values | {"p_id": id})
    return await whole(tx, id)


async def enter_stage(tx: Transaction, entry: dict[str, Any]) -> None:
    """One more line of the deal's stage history, which is only ever added to."""
    await tx.execute(_enter, entry)
