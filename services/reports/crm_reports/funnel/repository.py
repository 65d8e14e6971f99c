"""Statements of the funnel. SQL lines up each entry with the next; what that means is for rules.py."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.paging import Keyset
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.deal_facts import among, not_removed
from crm_reports.funnel.rules import Move, Next, Stage
from crm_reports.horizon import Horizon
from crm_reports.kept import Sum, Sums
from crm_reports.projections.models import deal_version, pipeline_version, stage_entry
from crm_reports.projections.repository import LIVE_GENERATION
from crm_reports.projections.teams import team_then

_PIPELINE = (
    sa.select(pipeline_version.c.name, pipeline_version.c.stages)
    .where(
        pipeline_version.c.generation == LIVE_GENERATION,
        pipeline_version.c.pipeline_id == sa.bindparam("pipeline_id"),
        pipeline_version.c.archived_at <= sa.bindparam("known_at"),
    )
    .order_by(pipeline_version.c.sequence)
)
_MOVE = ("pipeline_id", "stage_id", "outcome", "next_pipeline_id", "next_stage_id", "next_outcome")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries: into this pipeline's stages within [start, end), credited to this owner and team if given."""

    pipeline_id: UUID
    start: datetime
    end: datetime
    owner_id: UUID | None
    team_id: UUID | None


async def pipeline(
    connection: AsyncConnection, pipeline_id: UUID, known_at: datetime
) -> tuple[str, list[list[Stage]]] | None:
    """The pipeline's last name and the stages of each of its versions, oldest first; None when not known by then."""
    rows = (await connection.execute(_PIPELINE, {"pipeline_id": pipeline_id, "known_at": known_at})).all()
    if not rows:
        return None
    return rows[-1].name, [[_stage(stage) for stage in row.stages] for row in rows]


async def moves(
    connection: AsyncConnection,
    caller: Principal,
    asked: Asked,
    horizon: Horizon,
    deals: Sequence[UUID] | None = None,
) -> Sums:
    """By (move, repeat, currency): how often each was made from the entries asked for, or those of these deals."""
    entry = _entries(caller, asked, horizon, deals)
    keys = [entry.c[name] for name in (*_MOVE, "repeat", "currency")]
    sums = (sa.func.count().label("entries"), sa.func.sum(entry.c.amount).label("amount"))
    statement: sa.Select[Any] = sa.select(*keys, *sums).group_by(*keys)
    rows = (await connection.execute(statement)).all()
    return {(_move(row), row.repeat, row.currency): Sum(row.entries, row.amount) for row in rows}


async def records(
    connection: AsyncConnection,
    caller: Principal,
    asked: Asked,
    horizon: Horizon,
    *,
    stage_id: UUID,
    made: Iterable[Move] | None,
    repeats_only: bool,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[tuple[Move, sa.Row[Any]]], str | None]:
    """A page of the entries into one stage, newest first: all of them, or those that made one of the moves."""
    entry = _entries(caller, asked, horizon)
    statement = sa.select(entry).where(entry.c.stage_id == stage_id)
    if made is not None:
        statement = statement.where(sa.or_(sa.false(), *(_is_move(entry, move) for move in made)))
    if repeats_only:
        statement = statement.where(entry.c.repeat)
    keyset = Keyset(("entered_at", entry.c.entered_at, "desc"), ("event_id", entry.c.event_id, "desc"))
    rows = (await connection.execute(keyset.apply(statement, cursor, limit))).all()
    page, next_cursor = keyset.page(rows, limit)
    return [(_move(row), row) for row in page], next_cursor


def _entries(caller: Principal, asked: Asked, horizon: Horizon, deals: Sequence[UUID] | None = None) -> sa.CTE:
    """The entries asked for that the caller may see, each with the next one, the deal's worth and its team then."""
    known_at = sa.literal(horizon.known_at, sa.DateTime(timezone=True))
    before = sa.literal(horizon.before, sa.DateTime(timezone=True))
    repair = stage_entry.alias("repair")
    taken_back = sa.exists().where(
        repair.c.generation == LIVE_GENERATION,
        repair.c.corrects == stage_entry.c.stage_entry_id,
        repair.c.archived_at <= known_at,
    )
    known = sa.and_(
        stage_entry.c.generation == LIVE_GENERATION,
        stage_entry.c.archived_at <= known_at,
        stage_entry.c.entered_at < before,
        stage_entry.c.corrects.is_(None),
        ~taken_back,
    )
    fact = stage_entry.alias("fact")
    concerned = sa.select(fact.c.deal_id).where(
        fact.c.generation == LIVE_GENERATION,
        fact.c.pipeline_id == asked.pipeline_id,
        fact.c.entered_at >= asked.start,
        fact.c.entered_at < asked.end,
        among(fact.c.deal_id, deals),
        not_removed(fact.c.deal_id, known_at),
    )
    order = (stage_entry.c.entered_at, stage_entry.c.sequence, stage_entry.c.event_id)

    def following(column: sa.ColumnElement[Any], label: str) -> sa.ColumnElement[Any]:
        return sa.func.lead(column).over(partition_by=stage_entry.c.deal_id, order_by=order).label(label)

    nth_time = sa.func.row_number().over(partition_by=(stage_entry.c.deal_id, stage_entry.c.stage_id), order_by=order)
    # The next entry is looked for among all of the deal's, whoever owned it then and wherever it went:
    # the narrowing to window, owner, team and rights comes after.
    lined_up = (
        sa.select(
            stage_entry,
            following(stage_entry.c.pipeline_id, "next_pipeline_id"),
            following(stage_entry.c.stage_id, "next_stage_id"),
            following(stage_entry.c.outcome, "next_outcome"),
            (nth_time > 1).label("repeat"),
        )
        .where(known, stage_entry.c.deal_id.in_(concerned))
        .cte("lined_up")
    )
    worth = (
        sa.select(deal_version.c.amount, deal_version.c.currency)
        .where(
            deal_version.c.generation == LIVE_GENERATION,
            deal_version.c.deal_id == lined_up.c.deal_id,
            deal_version.c.archived_at <= known_at,
            deal_version.c.happened_at < before,
        )
        .order_by(deal_version.c.happened_at.desc(), deal_version.c.sequence.desc())
        .limit(1)
        .lateral("worth")
    )
    team_id = team_then(lined_up.c.owner_id, lined_up.c.entered_at, known_at)
    columns = [column for column in lined_up.c if column.name not in ("amount", "currency", "generation")]
    statement = (
        sa.select(
            *columns,
            # An imported entry may have happened before the deal's first event did.
            sa.func.coalesce(worth.c.amount, lined_up.c.amount).label("amount"),
            sa.func.coalesce(worth.c.currency, lined_up.c.currency).label("currency"),
            team_id.label("team_id"),
        )
        .select_from(lined_up.outerjoin(worth, sa.true()))
        .where(
            lined_up.c.pipeline_id == asked.pipeline_id,
            lined_up.c.entered_at >= asked.start,
            lined_up.c.entered_at < asked.end,
            visible(caller, "report", "read", lined_up.c.owner_id),
        )
    )
    if asked.owner_id is not None:
        statement = statement.where(lined_up.c.owner_id == asked.owner_id)
    if asked.team_id is not None:
        statement = statement.where(team_id == asked.team_id)
    return statement.cte("entry")


def _is_move(entry: sa.CTE, move: Move) -> sa.ColumnElement[bool]:
    after = move.next
    values = {
        "pipeline_id": move.pipeline_id,
        "stage_id": move.stage_id,
        "outcome": move.outcome,
        "next_pipeline_id": after and after.pipeline_id,
        "next_stage_id": after and after.stage_id,
        "next_outcome": after and after.outcome,
    }
    return sa.and_(*(entry.c[name].is_not_distinct_from(value) for name, value in values.items()))


def _move(row: sa.Row[Any]) -> Move:
    after = None
    if row.next_stage_id is not None:
        after = Next(row.next_pipeline_id, row.next_stage_id, row.next_outcome)
    return Move(row.pipeline_id, row.stage_id, row.outcome, after)


def _stage(stage: dict[str, Any]) -> Stage:
    return Stage(UUID(stage["id"]), stage["name"], stage["kind"], stage["position"])
