"""Statements of automation."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.filters import Filters, equals
from crm_chassis.paging import Keyset
from crm_chassis.tables import staff_member
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.automation.models import automation_rule, automation_run
from crm_deals.automation.schemas import RuleQuery, RunQuery
from crm_deals.deals.models import deal
from crm_deals.pipelines.models import stage

_rule_order = Keyset(("created_at", automation_rule.c.created_at, "asc"), ("id", automation_rule.c.id, "asc"))
_rule_filters = Filters({"stage_id": equals(automation_rule.c.stage_id)})
_run_order = Keyset(("ran_at", automation_run.c.ran_at, "desc"), ("id", automation_run.c.id, "desc"))
_run_filters = Filters({"rule_id": equals(automation_run.c.rule_id), "deal_id": equals(automation_run.c.deal_id)})
_active: sa.Select[Any] = (
    sa.select(automation_rule, stage.c.name.label("stage_name"))
    .join(stage, stage.c.id == automation_rule.c.stage_id)
    .where(automation_rule.c.stage_id == sa.bindparam("stage_id"), automation_rule.c.active)
    .order_by(automation_rule.c.created_at, automation_rule.c.id)
)
_by_id: sa.Select[Any] = sa.select(*automation_rule.c).where(automation_rule.c.id == sa.bindparam("id"))


async def rules(connection: AsyncConnection, query: RuleQuery) -> tuple[list[sa.Row[Any]], str | None]:
    """A page of rules, oldest first."""
    statement: sa.Select[Any] = _rule_filters.apply(sa.select(*automation_rule.c), query)
    rows = (await connection.execute(_rule_order.apply(statement, query.cursor, query.limit))).all()
    page, next_cursor = _rule_order.page(rows, query.limit)
    return list(page), next_cursor


async def rule(connection: AsyncConnection, id: UUID) -> sa.Row[Any] | None:
    """The rule, None when there is none."""
    found: sa.Row[Any] | None = (await connection.execute(_by_id, {"id": id})).first()
    return found


async def runs(connection: AsyncConnection, caller: Principal, query: RunQuery) -> tuple[list[sa.Row[Any]], str | None]:
    """A page of the runs of deals the caller may see, newest first."""
    statement: sa.Select[Any] = (
        sa.select(*automation_run.c)
        .join(deal, deal.c.id == automation_run.c.deal_id)
        .where(visible(caller, "deal", "read", deal.c.owner_id))
    )
    statement = _run_order.apply(_run_filters.apply(statement, query), query.cursor, query.limit)
    page, next_cursor = _run_order.page((await connection.execute(statement)).all(), query.limit)
    return list(page), next_cursor


async def active_rules(tx: Transaction, stage_id: UUID) -> list[sa.Row[Any]]:
    """The rules that entering the stage sets off, each with the stage's name."""
    return list((await tx.execute(_active, {"stage_id": stage_id})).all())


async def locked_rule(tx: Transaction, id: UUID) -> sa.Row[Any] | None:
    """The rule under its row lock."""
    return (await tx.execute(_by_id.with_for_update(), {"id": id})).first()


async def add_rule(tx: Transaction, values: dict[str, Any]) -> sa.Row[Any] | None:
    """The rule is stored; None when its origin key has made one already."""
    statement = insert(automation_rule).values(**values).on_conflict_do_nothing().returning(*automation_rule.c)
    return (await tx.execute(statement)).first()


async def change_rule(tx: Transaction, id: UUID, values: dict[str, Any]) -> sa.Row[Any]:
    """The rule with these values and the next version."""
    statement = (
        sa.update(automation_rule)
        .where(automation_rule.c.id == id)
        .values(**values, version=automation_rule.c.version + 1)
        .returning(*automation_rule.c)
    )
    return (await tx.execute(statement)).one()


async def add_run(tx: Transaction, values: dict[str, Any]) -> bool:
    """The run is stored; False when the rule has run for this stage entry already."""
    statement = insert(automation_run).values(**values).on_conflict_do_nothing().returning(automation_run.c.id)
    return (await tx.execute(statement)).first() is not None


async def stage_exists(tx: Transaction, id: UUID) -> bool:
    """True when there is such a stage."""
    return await tx.scalar(sa.select(stage.c.id).where(stage.c.id == id)) is not None


async def staff_name(tx: Transaction, id: UUID) -> str | None:
    """The user's name as the copy has it."""
    name: str | None = await tx.scalar(sa.select(staff_member.c.name).where(staff_member.c.id == id))
    return name
