"""Allow-listed filters of a list: what is not named here can not be asked, and what is named has an index."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

Condition = Callable[[Any], sa.ColumnElement[bool]]


def equals(column: sa.ColumnElement[Any]) -> Condition:
    """The column has exactly this value."""
    return lambda value: column == value


def at_least(column: sa.ColumnElement[Any]) -> Condition:
    """The column is this or later."""
    return lambda value: column >= value


def before(column: sa.ColumnElement[Any]) -> Condition:
    """The column is earlier than this."""
    return lambda value: column < value


def prefix(column: sa.ColumnElement[Any]) -> Condition:
    """The column begins with this text; `%` and `_` mean themselves."""
    return lambda value: column.startswith(value, autoescape=True)


class Filters:
    """Field of the query model → condition; a None means not asked."""

    def __init__(self, conditions: Mapping[str, Condition]) -> None:
        self._conditions = dict(conditions)

    def apply(self, statement: sa.Select[Any], query: BaseModel) -> sa.Select[Any]:
        """The statement with a WHERE for each filter given."""
        for name, condition in self._conditions.items():
            value = getattr(query, name)
            if value is not None:
                statement = statement.where(condition(value))
        return statement
