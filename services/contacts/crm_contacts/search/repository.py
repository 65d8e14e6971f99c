"""Statements of search: each kind of query is answered by one index, rights included, always in an order."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction

from crm_contacts.companies import repository as companies
from crm_contacts.companies.models import company
from crm_contacts.people import repository as people
from crm_contacts.people.models import person
from crm_contacts.search.conditions import KEY, Noun, condition, terms
from crm_contacts.search.rules import QueryKind, SearchQuery


async def limit_time(tx: Transaction, milliseconds: int) -> None:
    """Each statement of this transaction is cancelled by the server after this time."""
    await tx.execute(sa.text(f"SET LOCAL statement_timeout = {milliseconds:d}"))


async def find(tx: Transaction, caller: Principal, noun: Noun, query: SearchQuery, limit: int) -> Sequence[sa.Row[Any]]:
    """Cards the caller may read that the query names, by name, with column `reach`."""
    statement, rights = _named(caller, noun, query.kind, len(query.terms), limit)
    return (await tx.execute(statement, rights | terms(query))).all()


@per_rights
def _named(caller: Principal, noun: Noun, kind: QueryKind, words: int, limit: int) -> sa.Select[Any]:
    table = person if noun == "person" else company
    shown = _shown(caller, noun)
    # Found first, ordered then: left to itself the planner walks the names in order until enough of them fit,
    # which for a rare name or number means all of them (100,000 people: 1.3 s instead of 1 ms).
    fitting = shown.with_only_columns(table.c.id, table.c.name_key).where(condition(noun, kind, words))
    hits = fitting.cte("hits").prefix_with("MATERIALIZED")
    first = sa.select(hits.c.id).order_by(hits.c.name_key, hits.c.id).limit(limit)
    return shown.where(table.c.id.in_(first)).order_by(table.c.name_key, table.c.id)


async def find_alike(tx: Transaction, caller: Principal, noun: Noun, text: str, limit: int) -> Sequence[sa.Row[Any]]:
    """Cards the caller may read whose name holds a word like the text, the most alike first."""
    table = person if noun == "person" else company
    wanted = KEY(text)
    statement = (
        _shown(caller, noun)
        .where(wanted.op("<%", is_comparison=True)(table.c.name_key))
        .order_by(wanted.op("<<->")(table.c.name_key), table.c.id)
        .limit(limit)
    )
    return (await tx.execute(statement)).all()


def _shown(caller: Principal, noun: Noun) -> sa.Select[Any]:
    return people.shown(caller) if noun == "person" else companies.shown(caller)
