"""Deals as of a horizon, as a statement: one row for each that is what is asked, with what it is worth and to whom.

A deal is what its last entry into a stage made of it; it began with its first. Its amount, products and company are
those of its last state. All of it counting what had happened by `as_of` and was archived by `known_at`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from crm_reports.horizon import Horizon
from crm_reports.narrowing import Narrowing
from crm_reports.projections.models import deal_removed, deal_version, stage_entry
from crm_reports.projections.repository import LIVE_GENERATION
from crm_reports.projections.teams import office_then, team_then

Kind = Literal["won", "lost", "created", "open", "held"]
"""won, lost: closed so, and not opened again. created: entered its first stage. open: is in an open stage. held: is in
a stage of any kind."""

_TICK = timedelta(microseconds=1)
_IDS = ARRAY(PG_UUID(as_uuid=True))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deals: closed or created within [start, end), in this pipeline and stage, if given; narrowed."""

    narrowing: Narrowing
    start: datetime | None = None
    end: datetime | None = None
    pipeline_id: UUID | None = None
    stage_id: UUID | None = None


def not_removed(deal_id: sa.ColumnElement[Any], known_at: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """True while nobody knew, by `known_at`, that the deal is no more."""
    removed = sa.select(sa.literal(1)).where(
        deal_removed.c.generation == LIVE_GENERATION,
        deal_removed.c.deal_id == deal_id,
        deal_removed.c.archived_at <= known_at,
    )
    return ~removed.exists()


def among(column: sa.ColumnElement[Any], deals: Sequence[UUID] | None) -> sa.ColumnElement[bool]:
    """True for these deals, or for all when none are named."""
    return sa.true() if deals is None else column == sa.any_(sa.literal(list(deals), _IDS))


def facts(
    caller: Principal,
    kind: Kind,
    asked: Asked,
    horizon: Horizon,
    *,
    by_product: bool = False,
    deals: Sequence[UUID] | None = None,
) -> sa.Subquery:
    """The deals that are `kind`, once each; `by_product`, or narrowed to one: once for each of their products.

    `at` is when it became so. Credited to who owned the deal `at` that moment; a deal that is open or held, to who
    owned it at the horizon. `seconds` is how long a closed one took.
    """
    known_at = sa.literal(horizon.known_at, sa.DateTime(timezone=True))
    before = sa.literal(horizon.before, sa.DateTime(timezone=True))
    narrow = asked.narrowing
    deal = _deals(kind, asked, known_at, before, deals)
    state = kind in ("open", "held")
    at = sa.literal(horizon.before - _TICK, sa.DateTime(timezone=True)) if state else deal.c.at
    team_id = team_then(deal.c.owner_id, at, known_at)
    office = office_then(team_id, at, known_at)
    line = (
        sa.func.jsonb_to_recordset(sa.func.coalesce(deal.c.lines, sa.literal([], JSONB)))
        .table_valued(sa.column("product_id", PG_UUID(as_uuid=True)), sa.column("total", sa.Numeric))
        .render_derived(name="line", with_types=True)
    )
    told = [column for column in deal.c if column.name not in ("amount", "lines")]
    statement = sa.select(*told, team_id.label("team_id"), office.label("office"))
    unsaid = {"team": team_id, "company": deal.c.company_id, "office": office}
    if by_product or narrow.product_id is not None or "product" in narrow.without:
        unsaid["product"] = line.c.product_id
        statement = statement.add_columns(
            line.c.product_id, sa.func.coalesce(line.c.total, deal.c.amount).label("amount")
        ).select_from(deal.outerjoin(line, sa.true()))
    else:
        statement = statement.add_columns(deal.c.amount)
    wanted = (
        (deal.c.owner_id, narrow.owner_id),
        (team_id, narrow.team_id),
        (office, narrow.office),
        (line.c.product_id, narrow.product_id),
        (deal.c.company_id, narrow.company_id),
        (deal.c.currency, narrow.currency),
    )
    return statement.where(
        visible(caller, "report", "read", deal.c.owner_id),
        *(column == value for column, value in wanted if value is not None),
        *(unsaid[name].is_(None) for name in narrow.without),
    ).subquery("fact")


def _deals(
    kind: Kind,
    asked: Asked,
    known_at: sa.ColumnElement[Any],
    before: sa.ColumnElement[Any],
    deals: Sequence[UUID] | None,
) -> sa.Subquery:
    """The deals that are `kind`, whoever they belong to."""
    entry, other = stage_entry.alias("entry"), stage_entry.alias("other")

    def known(told: sa.FromClause) -> sa.ColumnElement[bool]:
        return sa.and_(
            told.c.generation == LIVE_GENERATION,
            told.c.archived_at <= known_at,
            told.c.entered_at < before,
            among(told.c.deal_id, deals),
        )

    def place(told: sa.FromClause) -> sa.ColumnElement[Any]:
        return sa.tuple_(told.c.entered_at, told.c.sequence, told.c.event_id)

    same_deal = sa.and_(other.c.deal_id == entry.c.deal_id, known(other))
    beyond = place(other) < place(entry) if kind == "created" else place(other) > place(entry)
    began = sa.select(sa.func.min(other.c.entered_at)).where(same_deal).scalar_subquery()
    took = sa.extract("epoch", entry.c.entered_at - began)
    last = _last_state(entry.c.deal_id, known_at, before)
    own = deal_version.alias("own")
    # An imported entry may have happened before the deal's first event did: then the entry's own event tells.
    said = last.c.event_id.is_not(None)

    def told(name: str) -> sa.ColumnElement[Any]:
        return sa.case((said, last.c[name]), else_=own.c[name]).label(name)

    statement = (
        sa.select(
            entry.c.deal_id,
            entry.c.pipeline_id,
            entry.c.stage_id,
            entry.c.outcome,
            entry.c.entered_at.label("at"),
            told("owner_id") if kind in ("open", "held") else entry.c.owner_id,
            told("company_id"),
            told("amount"),
            told("currency"),
            told("lines"),
            (took if kind in ("won", "lost") else sa.cast(sa.null(), sa.Numeric)).label("seconds"),
        )
        .select_from(
            entry.outerjoin(last, sa.true()).outerjoin(
                own, sa.and_(own.c.generation == entry.c.generation, own.c.event_id == entry.c.event_id)
            )
        )
        .where(
            known(entry),
            ~sa.select(sa.literal(1)).where(same_deal, beyond).exists(),
            not_removed(entry.c.deal_id, known_at),
            _became(kind, entry),
        )
    )
    for column, value in ((entry.c.pipeline_id, asked.pipeline_id), (entry.c.stage_id, asked.stage_id)):
        if value is not None:
            statement = statement.where(column == value)
    if kind in ("won", "lost", "created") and asked.start is not None and asked.end is not None:
        statement = statement.where(entry.c.entered_at >= asked.start, entry.c.entered_at < asked.end)
    return statement.subquery("deal")


def _became(kind: Kind, entry: sa.FromClause) -> sa.ColumnElement[bool]:
    if kind == "open":
        return entry.c.outcome.is_(None)
    return sa.true() if kind in ("created", "held") else entry.c.outcome == kind


def _last_state(
    deal_id: sa.ColumnElement[Any], known_at: sa.ColumnElement[Any], before: sa.ColumnElement[Any]
) -> sa.FromClause:
    return (
        sa.select(deal_version)
        .where(
            deal_version.c.generation == LIVE_GENERATION,
            deal_version.c.deal_id == deal_id,
            deal_version.c.archived_at <= known_at,
            deal_version.c.happened_at < before,
        )
        .order_by(deal_version.c.happened_at.desc(), deal_version.c.sequence.desc(), deal_version.c.event_id.desc())
        .limit(1)
        .lateral("last")
    )
