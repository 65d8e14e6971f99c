"""Lists that are searched while somebody types, in the order and with the filters they have anyway.

What few rows fit is found by the index of the search and fetched by id; what many fit is met soon on the list's own
walk. Left to itself the planner walks for the rare ones too, which means through the whole table.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

FEW = 1_000


async def few(connection: AsyncConnection, fitting: sa.Select[Any] | sa.CompoundSelect[Any]) -> list[UUID] | None:
    """The ids that `fitting` selects when they are few; None when they are many."""
    ids: Sequence[UUID] = (await connection.execute(fitting.limit(FEW + 1))).scalars().all()
    return list(ids) if len(ids) <= FEW else None


def among(column: sa.ColumnElement[UUID], ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """The column is one of the ids, which are one parameter however many they are."""
    return column == sa.any_(sa.literal(list(ids), ARRAY(sa.Uuid)))
