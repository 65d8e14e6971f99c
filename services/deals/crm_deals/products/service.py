"""Use cases of products."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import Conflict, FieldError, Invalid, NotFound, StaleVersion
from crm_contracts.base import Removed
from crm_contracts.deals import PRODUCT_CHANGED, PRODUCT_REMOVED

from crm_deals.lines.rules import is_payable, minor_digits
from crm_deals.products import repository
from crm_deals.products.schemas import ProductCreate, ProductOut, ProductPatch, product_out, product_state


async def create_product(
    tx: Transaction, caller: Principal, body: ProductCreate, default_currency: str, now: datetime
) -> ProductOut:
    """The product can be sold; Conflict when its SKU is taken."""
    require(caller, "product", "create")
    currency = body.currency or default_currency
    values = {
        "id": new_id(),
        "name": body.name,
        "sku": body.sku,
        "price": _price(body.price, currency),
        "currency": currency,
        "active": body.active,
        "created_at": now,
        "version": 1,
    }
    row = await repository.add(tx, values)
    if row is None:
        raise _sku_taken(body.sku)
    return tell(tx, row, ["name", "sku", "price", "currency", "active"])


async def patch_product(tx: Transaction, caller: Principal, id: UUID, version: int, patch: ProductPatch) -> ProductOut:
    """The product stands as patched; lines made with its old price keep it."""
    row = await repository.locked(tx, id)
    if row is None or caller.scope("product", "read") is None:
        raise NotFound()
    require(caller, "product", "update")
    if row.version != version:
        raise StaleVersion(product_out(row))
    given = patch.given()
    if "price" in given:
        given["price"] = _price(given["price"], row.currency)
    values = {name: value for name, value in given.items() if row._mapping[name] != value}
    if not values:
        return product_out(row)
    if "sku" in values and await repository.taken(tx, values["sku"]):
        raise _sku_taken(values["sku"])
    return tell(tx, await repository.change(tx, id, values), list(values))


async def remove_product(tx: Transaction, caller: Principal, id: UUID, version: int) -> None:
    """The product that was entered by mistake is gone, its SKU is free and its event tells so.

    Conflict while a line names it: one that is sold no more is made inactive instead.
    """
    row = await repository.locked(tx, id)
    if row is None or caller.scope("product", "read") is None:
        raise NotFound()
    require(caller, "product", "delete")
    if row.version != version:
        raise StaleVersion(product_out(row))
    if await remove_products(tx, [row]):
        raise Conflict("Lines of deals name this product: make it inactive instead.", code="in_use")


async def remove_products(tx: Transaction, products: Sequence[sa.Row[Any]]) -> set[UUID]:
    """The locked products are gone and told, but those in use, whose ids are answered.

    `products` are rows of `repository.lock_many`; two statements for however many.
    """
    used = await repository.in_use(tx, [row.id for row in products])
    free = [row for row in products if row.id not in used]
    if free:
        await repository.remove(tx, [row.id for row in free])
    for row in free:
        data = Removed(id=row.id, owner_id=None, version=row.version + 1)
        tx.record(PRODUCT_REMOVED, subject="product", id=row.id, sequence=data.version, data=data)
    return used


def tell(tx: Transaction, row: sa.Row[Any], changed: list[str]) -> ProductOut:
    """The event about the product as it stands now is recorded; answers the product."""
    tx.record(PRODUCT_CHANGED, subject="product", id=row.id, sequence=row.version, data=product_state(row, changed))
    return product_out(row)


def _price(text: str, currency: str) -> Decimal:
    price = Decimal(text)
    if not is_payable(price, currency):
        message = f"{currency} has {minor_digits(currency)} decimal places."
        raise Invalid([FieldError("price", "too_precise", message)])
    return price


def _sku_taken(sku: str) -> Conflict:
    return Conflict(f"There is a product with SKU {sku}.", code="sku_taken")
