"""Bodies of products."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.paging import ListQuery
from crm_chassis.text import Line
from crm_contracts.deals import ProductState
from pydantic import BaseModel, ConfigDict

from crm_deals.lines.rules import money
from crm_deals.lines.schemas import Currency, MoneyText
from crm_deals.patching import MergePatch


class ProductCreate(BaseModel):
    """A new product; without a currency it is priced in the company's."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    sku: Line
    price: MoneyText
    currency: Currency | None = None
    active: bool = True


class ProductPatch(MergePatch):
    """Changes to a product; lines of deals keep the price they were made with."""

    name: Line | None = None
    sku: Line | None = None
    price: MoneyText | None = None
    active: bool | None = None


class ProductQuery(ListQuery):
    """Filters of the list; products come by name."""

    active: bool | None = None
    name: Line | None = None


class ProductOut(BaseModel):
    """A product."""

    id: UUID
    name: str
    sku: str
    price: str
    currency: str
    active: bool
    version: int


def _shared(row: sa.Row[Any]) -> dict[str, Any]:
    told = ("id", "name", "sku", "currency", "active", "version")
    return {name: getattr(row, name) for name in told} | {"price": money(row.price, row.currency)}


def product_out(row: sa.Row[Any]) -> ProductOut:
    """The product as the API tells it."""
    return ProductOut(**_shared(row))


def product_state(row: sa.Row[Any], changed: list[str]) -> ProductState:
    """The product as events tell it."""
    return ProductState(**_shared(row), changed=changed)
