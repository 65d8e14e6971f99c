"""Writes whose results nobody waits for: they reach the database with the event that tells of them, as one statement.

A statement of its own costs 0.5 ms of CPU here (SQLAlchemy, asyncpg, PostgreSQL together), as a part of another 0.1.
"""

from typing import Any

import sqlalchemy as sa

from crm_chassis.tables import outbox

_OF_EVENT = ("event_id", "type", "queue", "bulk", "body")


class Writes:
    """Prebuilt statements of one use case, none with a RETURNING; their parameters must have different names.

    They see the database as it was before any of them (PostgreSQL's data-modifying WITH), so none may build on another.
    """

    def __init__(self, *statements: sa.Insert | sa.Update | sa.Delete) -> None:
        parts = [each.cte(f"write_{number}") for number, each in enumerate(statements)]
        event: dict[str, Any] = {name: sa.bindparam(f"outbox_{name}") for name in _OF_EVENT}
        self.with_event = sa.insert(outbox).inline().values(event).add_cte(*parts)
        self.alone: sa.Select[Any] = sa.select(sa.literal_column("1")).add_cte(*parts)


def of_event(row: dict[str, Any]) -> dict[str, Any]:
    """The parameters of `Writes.with_event` that are the event's."""
    return {f"outbox_{name}": row[name] for name in _OF_EVENT}


def inserting(table: sa.Table, prefix: str, *columns: str) -> sa.Insert:
    """INSERT of one row with a parameter `<prefix>_<column>` for each column, all of the table when none is named."""
    names = columns or tuple(column.name for column in table.columns)
    return sa.insert(table).inline().values({name: sa.bindparam(f"{prefix}_{name}") for name in names})


def prefixed(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    """The parameters of `inserting`."""
    return {f"{prefix}_{name}": value for name, value in values.items()}
