"""What a search text asks of a card, as conditions on its table: each kind is answered by one index."""

from typing import Any, Literal

import sqlalchemy as sa

from crm_contacts.companies.models import company
from crm_contacts.identities.models import identity
from crm_contacts.identities.repository import COMPANY, PERSON, cards_with
from crm_contacts.identities.rules import Kind
from crm_contacts.people.models import person
from crm_contacts.search.rules import QueryKind, SearchQuery, like_literal

Noun = Literal["person", "company"]

KEY = sa.func.searchable


def naming(cards: sa.Select[Any], noun: Noun, query: SearchQuery) -> sa.Select[Any]:
    """Those of the selected cards that the query names."""
    return cards.where(condition(noun, query.kind, len(query.terms))).params(terms(query))


def terms(query: SearchQuery) -> dict[str, str]:
    """What the words of the query are compared with, as `condition` wants it: only texts, so that it is built once."""
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


def condition(noun: Noun, kind: QueryKind, words: int) -> sa.ColumnElement[bool]:
    """Condition on the cards that a query of this kind with so many words names; `terms` are its parameters."""
    table = person if noun == "person" else company
    given = [sa.bindparam(f"term_{number}", type_=sa.Text) for number in range(words)]
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
            begins = table.c.name_key.like(KEY(given[0]) + "%")
            return sa.and_(begins, *(_holds(table, term) for term in given[1:]))
        case "name_words":
            return sa.and_(*(_holds(table, term) for term in given))


def _reached(noun: Noun, kind: Kind, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    if noun == "person":
        return person.c.id.in_(cards_with(PERSON, kind, condition))
    return company.c.id.in_(cards_with(COMPANY, kind, condition))


def _holds(table: sa.Table, term: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return table.c.name_key.like("%" + KEY(term) + "%")
