"""The use case of search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.metrics import counter
from crm_chassis.problems import FieldError, Invalid
from sqlalchemy.exc import DBAPIError

from crm_contacts.search import repository
from crm_contacts.search.rules import MIN_TRIGRAM, SearchQuery, classify, is_indexed

LIMIT = 20
TIME_MS = 300
_QUERY_CANCELED = "57014"

TOO_SLOW = counter("contacts_searches_cut", "Searches that ran out of time")


@dataclass(frozen=True, slots=True)
class Hits:
    """Rows of `people.shown` and `companies.shown`, and what the user should know."""

    people: Sequence[sa.Row[Any]] = ()
    companies: Sequence[sa.Row[Any]] = ()
    notice: Literal["alike", "too_slow"] | None = None


def understood(text: str | None, e164: Callable[[str], str | None]) -> SearchQuery | None:
    """What a list is narrowed to by the text, if there is one; Invalid where no index could tell."""
    query = classify(text, e164) if text is not None else None
    if query is not None and not is_indexed(query):
        raise Invalid([FieldError("q", "too_vague", "Name three letters or digits in a row.")])
    return query


async def search(
    tx: Transaction, caller: Principal, text: str, e164: Callable[[str], str | None], time_ms: int = TIME_MS
) -> Hits:
    """What the caller may read of what the text names; similar names when nothing is named exactly.

    A statement over `time_ms` ends the search with a notice, never with an error.
    """
    query = classify(text, e164)
    if query is None:
        return Hits()
    try:
        async with tx.connection.begin_nested():
            await repository.limit_time(tx, time_ms)
            return await _find(tx, caller, text, query)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _QUERY_CANCELED:
            raise
        TOO_SLOW.inc()
        return Hits(notice="too_slow")


async def _find(tx: Transaction, caller: Principal, text: str, query: SearchQuery) -> Hits:
    hits = Hits(
        await repository.find(tx, caller, "person", query, LIMIT),
        await repository.find(tx, caller, "company", query, LIMIT),
    )
    if hits.people or hits.companies or query.kind != "name_words" or len(text) < MIN_TRIGRAM:
        return hits
    people = await repository.find_alike(tx, caller, "person", text, LIMIT)
    companies = await repository.find_alike(tx, caller, "company", text, LIMIT)
    return Hits(people, companies, "alike" if people or companies else None)
