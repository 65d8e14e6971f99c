"""Statements of products."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.filters import Filters, equals, prefix
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.lines.models import deal_line
from crm_deals.products.models import product
from crm_deals.products.schemas import ProductQuery

_order = Keyset(("name", product.c.name, "asc"), ("id", product.c.id, "asc"))
_filters = Filters({"active": equals(product.c.active), "name": prefix(product.c.name)})
_by_id = sa.select(product).where(product.c.id == sa.bindparam("id"))
_any = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))
_by_ids = sa.select(product).where(product.c.id == _any).order_by(product.c.id)
_to_name = _by_ids.with_for_update(read=True, key_share=True)
_lock_many = _by_ids.with_for_update()
_in_use = sa.select(product.c.id).where(product.c.id == _any, sa.exists().where(deal_line.c.product_id == product.c.id))
_remove = sa.delete(product).where(product.c.id == _any)


async def listed(connection: AsyncConnection, query: ProductQuery) -> tuple[list[sa.Row[Any]], str | None]:
    """A page of products by name."""
    statement = _order.apply(_filters.apply(sa.select(product), query), query.cursor, query.limit)
    page, next_cursor = _order.page((await connection.execute(statement)).all(), query.limit)
    return list(page), next_cursor


async def get(connection: AsyncConnection, id: UUID) -> sa.Row[Any] | None:
    """The product, None when there is none."""
    return (await connection.execute(_by_id, {"id": id})).first()


async def by_ids(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, sa.Row[Any]]:
    """The products there are among these ids; they can not be removed until this transaction ends."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {row.id: row for row in await tx.execute(_to_name, {"ids": wanted})}


async def locked(tx: Transaction, id: UUID) -> sa.Row[Any] | None:
    """The product under its row lock."""
    return (await tx.execute(_by_id.with_for_update(), {"id": id})).first()


async def lock_many(tx: Transaction, ids: Sequence[UUID]) -> list[sa.Row[Any]]:
    """Those of the ids that are products, no line naming them meanwhile."""
    return list((await tx.execute(_lock_many, {"ids": list(ids)})).all())


async def in_use(tx: Transaction, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the products that a line of a deal names."""
    return set((await tx.execute(_in_use, {"ids": list(ids)})).scalars())


async def remove(tx: Transaction, ids: Sequence[UUID]) -> None:
    """The products are gone; their rows are locked and no line names them."""
    await tx.execute(_remove, {"ids": list(ids)})


async def add(tx: Transaction, values: dict[str, Any]) -> sa.Row[Any] | None:
    """The product is stored; None when its SKU is taken."""
    return (await tx.execute(insert(product).values(**values).on_conflict_do_nothing().returning(*product.c))).first()


async def taken(tx: Transaction, sku: str) -> bool:
    """True when a product has this SKU."""
    return await tx.scalar(sa.select(product.c.id).where(product.c.sku == sku)) is not None


async def change(tx: Transaction, id: UUID, values: dict[str, Any]) -> sa.Row[Any]:
    """The product with these values and the next version."""
    statement = (
        sa.update(product)
        .where(product.c.id == id)
        .values(**values, version=product.c.version + 1)
        .returning(*product.c)
    )
    return (await tx.execute(statement)).one()
