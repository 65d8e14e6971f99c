"""Statements of search: each kind of query is answered by one index, rights included, always in an order."""

from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction

from crm_contacts.companies import repository as companies
from crm_contacts.companies.models import company
from crm_contacts.identities.models import identity
from crm_contacts.identities.repository import COMPANY, PERSON, cards_with
from crm_contacts.identities.rules import Kind
from crm_contacts.people import repository as people
from crm_contacts.people.models import person
from crm_contacts.search.rules import QueryKind, SearchQuery, like_literal

Noun = Literal["person", "company"]

_KEY = sa.func.searchable


async def limit_time(tx: Transaction, milliseconds: int) -> None:
    """Each statement of this transaction is cancelled by the server after this time."""
    await tx.execute(sa.text(f"SET LOCAL statement_timeout = {milliseconds:d}"))


async def find(tx: Transaction, caller: Principal, noun: Noun, query: SearchQuery, limit: int) -> Sequence[sa.Row[Any]]:
    """Cards the caller may read that the query names, by name, with column `reach`."""
    statement, rights = _named(caller, noun, query.kind, len(query.terms), limit)
    return (await tx.execute(statement, rights | _terms(query))).all()


@per_rights
def _named(caller: Principal, noun: Noun, kind: QueryKind, terms: int, limit: int) -> sa.Select[Any]:
    table = person if noun == "person" else company
    shown = _shown(caller, noun)
    # Found first, ordered then: left to itself the planner walks the names in order until enough of them fit,
    # which for a rare name or number means all of them (100,000 people: 1.3 s instead of 1 ms).
    fitting = shown.with_only_columns(table.c.id, table.c.name_key).where(_condition(noun, kind, terms))
    hits = fitting.cte("hits").prefix_with("MATERIALIZED")
    first = sa.select(hits.c.id).order_by(hits.c.name_key, hits.c.id).limit(limit)
    return shown.where(table.c.id.in_(first)).order_by(table.c.name_key, table.c.id)


async def find_alike(tx: Transaction, caller: Principal, noun: Noun, text: str, limit: int) -> Sequence[sa.Row[Any]]:
    """Cards the caller may read whose name holds a word like the text, the most alike first."""
    table = person if noun == "person" else company
    wanted = _KEY(text)
    statement = (
        _shown(caller, noun)
        .where(wanted.op("<%", is_comparison=True)(table.c.name_key))
        .order_by(wanted.op("<<->")(table.c.name_key), table.c.id)
        .limit(limit)
    )
    return (await tx.execute(statement)).all()


def _shown(caller: Principal, noun: Noun) -> sa.Select[Any]:
    return people.shown(caller) if noun == "person" else companies.shown(caller)


def _terms(query: SearchQuery) -> dict[str, str]:
    """What the words of the query are compared with, as `_condition` wants it: only texts, so that it is built once."""
    first, *others = query.terms
    match query.kind:
        case "phone_exact":
            begin = first
        case "phone_tail":
            begin = like_literal(first[::-1]) + "%"
        case "phone_prefix" | "email_prefix":
            begin = like_literal(first) + "%"
        case "name_prefix" | "name_words":
            begin = like_literal(first)
    return {"term_0": begin} | {f"term_{n}": like_literal(term) for n, term in enumerate(others, 1)}


def _condition(noun: Noun, kind: QueryKind, terms: int) -> sa.ColumnElement[bool]:
    table = person if noun == "person" else company
    given = [sa.bindparam(f"term_{number}", type_=sa.Text) for number in range(terms)]
    match kind:
        case "phone_exact":
            return _reached(noun, "phone", identity.c.value == given[0])
        case "phone_prefix":
            return _reached(noun, "phone", identity.c.value.like(given[0]))
        case "phone_tail":
            return _reached(noun, "phone", sa.func.reverse(identity.c.value).like(given[0]))
        case "email_prefix":
            return _reached(noun, "email", identity.c.value.like(given[0]))
        case "name_prefix":
            begins = table.c.name_key.like(_KEY(given[0]) + "%")
            return sa.and_(begins, *(_holds(table, term) for term in given[1:]))
        case "name_words":
            return sa.and_(*(_holds(table, term) for term in given))


def _reached(noun: Noun, kind: Kind, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    if noun == "person":
        return person.c.id.in_(cards_with(PERSON, kind, condition))
    return company.c.id.in_(cards_with(COMPANY, kind, condition))


def _holds(table: sa.Table, term: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return table.c.name_key.like("%" + _KEY(term) + "%")
