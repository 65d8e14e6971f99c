"""Keyset pages: a list costs the same at any depth. The cursor is opaque and only good for the same sort."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from crm_chassis.problems import FieldError, Invalid

T = TypeVar("T")
_MOST_DIGITS = 1_000


class ListQuery(BaseModel):
    """Query parameters of a list; subclass it with allow-listed filters. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=1000, description="next_cursor of the page before")] = None


class Page(BaseModel, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SortColumn:
    """One column of the order. `name` is its label in the result row; the column must not be nullable."""

    name: str
    column: sa.ColumnElement[Any]
    direction: Literal["asc", "desc"]


class Keyset:
    """A total order, usually (something, id); its last column must be unique."""

    def __init__(self, *columns: tuple[str, Any, Literal["asc", "desc"]]) -> None:
        self._columns = [SortColumn(*column) for column in columns]
        self._kinds = [column.column.type.python_type for column in self._columns]

    def apply(self, statement: sa.Select[Any], cursor: str | None, limit: int) -> sa.Select[Any]:
        """The statement ordered, after the cursor, one row more than `limit`; Invalid for a cursor not ours."""
        if cursor:
            statement = statement.where(self._after(self._decode(cursor)))
        order = [c.column.asc() if c.direction == "asc" else c.column.desc() for c in self._columns]
        return statement.order_by(*order).limit(limit + 1)

    def page(
        self, rows: Sequence[sa.Row[*tuple[Any, ...]]], limit: int
    ) -> tuple[Sequence[sa.Row[*tuple[Any, ...]]], str | None]:
        """The rows of the page and the cursor of the next one (None on the last)."""
        if len(rows) <= limit:
            return rows, None
        last = rows[limit - 1]
        return rows[:limit], self.cursor([getattr(last, column.name) for column in self._columns])

    def cursor(self, values: Sequence[Any]) -> str:
        """The cursor that continues after a row with these values."""
        raw = orjson.dumps([self._signature(), *(_plain(value) for value in values)])
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def _signature(self) -> str:
        return ",".join(f"{column.name}:{column.direction}" for column in self._columns)

    def _decode(self, cursor: str) -> list[Any]:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if not isinstance(parts, list) or parts[0] != self._signature():
                raise ValueError("another list's cursor")
            return [_typed(value, kind) for value, kind in zip(parts[1:], self._kinds, strict=True)]
        except (binascii.Error, ValueError, IndexError, TypeError, ArithmeticError) as error:
            raise Invalid([FieldError("cursor", "bad_cursor", "Start again without a cursor.")]) from error

    def _after(self, values: list[Any]) -> sa.ColumnElement[bool]:
        if len({column.direction for column in self._columns}) == 1:
            # One direction: a row comparison, which the index serves as one range.
            left = sa.tuple_(*(column.column for column in self._columns))
            right = sa.tuple_(*(sa.literal(v, c.column.type) for v, c in zip(values, self._columns, strict=True)))
            return left > right if self._columns[0].direction == "asc" else left < right
        choices = []
        for index, column in enumerate(self._columns):
            equal = [c.column == v for c, v in zip(self._columns[:index], values[:index], strict=True)]
            value = values[index]
            further = column.column > value if column.direction == "asc" else column.column < value
            choices.append(sa.and_(*equal, further))
        return sa.or_(*choices)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | UUID) else value


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            raise ValueError("no zone")
        return parsed.astimezone(UTC)  # OverflowError at the very edge of time, which no database has
    if kind is date:
        return date.fromisoformat(value)
    if kind is Decimal:
        number = Decimal(value)
        if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
            raise ValueError("no number of a column")
        return number
    if kind is UUID:
        return UUID(value)
    if kind is str and "\x00" in str(value):
        raise ValueError("NUL")
    if type(value) is not kind or (isinstance(value, int) and not -(2**63) <= value < 2**63):
        raise ValueError("another type")
    return value
