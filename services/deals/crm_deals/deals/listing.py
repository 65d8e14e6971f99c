"""The list of deals: what narrows it, its orders, and what stands beside a deal there and on the board."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import owned, visible
from crm_chassis.access.principal import Principal
from crm_chassis.filters import Filters, at_least, before, equals
from crm_chassis.paging import Keyset
from crm_chassis.sought import among, few
from crm_chassis.tables import alias
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.cards.models import company_card, person_card
from crm_deals.deals.models import deal
from crm_deals.deals.repository import ORDER, WHOLE
from crm_deals.deals.schemas import DealQuery, NextStep
from crm_deals.lines.models import deal_line
from crm_deals.search.conditions import ids_of_named, titled
from crm_deals.search.rules import patterns
from crm_deals.tasks.models import task

SORTS = {
    "-stage_entered_at": ORDER,
    "-created_at": Keyset(("created_at", deal.c.created_at, "desc"), ("id", deal.c.id, "desc")),
    "-amount": Keyset(("amount", deal.c.amount, "desc"), ("id", deal.c.id, "desc")),
}

_filters = Filters(
    {
        "pipeline_id": equals(deal.c.pipeline_id),
        "stage_id": equals(deal.c.stage_id),
        "owner_id": equals(deal.c.owner_id),
        "company_id": equals(deal.c.company_id),
        "outcome": equals(deal.c.outcome),
        "product_id": lambda id: deal.c.id.in_(sa.select(deal_line.c.deal_id).where(deal_line.c.product_id == id)),
        "amount_from": lambda text: deal.c.amount >= Decimal(text),
        "amount_to": lambda text: deal.c.amount <= Decimal(text),
        "created_from": at_least(deal.c.created_at),
        "created_before": before(deal.c.created_at),
        "closed_from": at_least(deal.c.closed_at),
        "closed_before": before(deal.c.closed_at),
        "expected_from": at_least(deal.c.expected_close_on),
        "expected_before": before(deal.c.expected_close_on),
    }
)
# Literals, because partial indexes are not found by a parameter.
_IS_OPEN = deal.c.outcome == sa.literal_column("'open'")
_TO_DO = task.c.status == sa.literal_column("'open'")


async def listed(
    connection: AsyncConnection, caller: Principal, query: DealQuery, person_ids: list[UUID], now: datetime
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """A page of the deals the caller may read, each with person_name, company_name and next_task_due_at.

    `person_ids` are all ids of the person asked for, if one is.
    """
    columns = (person_name(caller, deal), company_name(caller, deal), next_task_due_at(caller, deal))
    narrowed = _filters.apply(WHOLE.where(visible(caller, "deal", "read", deal.c.owner_id)), query)
    if query.id:
        narrowed = narrowed.where(among(deal.c.id, query.id))
    if person_ids:
        narrowed = narrowed.where(deal.c.person_id.in_(person_ids))
    if query.whose:
        narrowed = narrowed.where(owned(caller, query.whose, deal.c.owner_id))
    if query.next_step:
        narrowed = narrowed.where(_IS_OPEN, _comes_next(caller, query.next_step, now))
    if query.q:
        narrowed = await _sought(connection, caller, narrowed, patterns(query.q))
    keyset = SORTS[query.sort]
    statement = keyset.apply(narrowed.add_columns(*columns), query.cursor, query.limit)
    return keyset.page((await connection.execute(statement)).all(), query.limit)


async def _sought(
    connection: AsyncConnection, caller: Principal, narrowed: sa.Select[Any], words: Sequence[str]
) -> sa.Select[Any]:
    by_title, by_person = titled(words), deal.c.person_id.in_(ids_of_named(caller, words))
    bare = narrowed.with_only_columns(deal.c.id)
    ids = await few(connection, sa.union(bare.where(by_title), bare.where(by_person)))
    return narrowed.where(sa.or_(by_title, by_person) if ids is None else among(deal.c.id, ids))


def _comes_next(caller: Principal, step: NextStep, now: datetime) -> sa.ColumnElement[bool]:
    """Condition on deals, by the tasks the caller may see: what they may not see is no step, here as on the board."""
    seen = (_TO_DO, visible(caller, "task", "read", task.c.owner_id))
    if step == "none":
        return ~sa.exists().where(task.c.deal_id == deal.c.id, *seen)
    return deal.c.id.in_(sa.select(task.c.deal_id).where(task.c.due_at < now, *seen))


def person_name(caller: Principal, of: sa.FromClause) -> sa.Label[str | None]:
    """Of each deal of `of` the name of its person, if the caller may see it."""
    winner = sa.select(alias.c.winner).where(alias.c.noun == "person", alias.c.loser == of.c.person_id)
    lives = sa.func.coalesce(winner.scalar_subquery(), of.c.person_id)
    name = sa.select(person_card.c.name).where(
        person_card.c.id == lives, visible(caller, "person", "read", person_card.c.owner_id)
    )
    return name.scalar_subquery().label("person_name")


def company_name(caller: Principal, of: sa.FromClause) -> sa.Label[str | None]:
    """Of each deal of `of` the name of its company, if the caller may see it."""
    name = sa.select(company_card.c.name).where(
        company_card.c.id == of.c.company_id, visible(caller, "company", "read", company_card.c.owner_id)
    )
    return name.scalar_subquery().label("company_name")


def next_task_due_at(caller: Principal, of: sa.FromClause) -> sa.Label[datetime | None]:
    """Of each deal of `of` when its first open task that the caller may see is due."""
    first = sa.select(sa.func.min(task.c.due_at)).where(
        task.c.deal_id == of.c.id, _TO_DO, visible(caller, "task", "read", task.c.owner_id)
    )
    return first.scalar_subquery().label("next_task_due_at")
