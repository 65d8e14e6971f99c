"""Routes of products."""

from typing import Annotated
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query, Response

from crm_deals.edge import Settings
from crm_deals.products import repository, service
from crm_deals.products.schemas import ProductCreate, ProductOut, ProductPatch, ProductQuery, product_out

router = APIRouter(prefix="/products", tags=["products"])


@router.get("", response_model=Page[ProductOut])
async def list_products(query: Annotated[ProductQuery, Query()], caller: Caller, connection: Reader) -> JSON:
    """Products by name."""
    if caller.scope("product", "read") is None:
        return JSON(Page[ProductOut](items=[], next_cursor=None))
    rows, next_cursor = await repository.listed(connection, query)
    return JSON(Page[ProductOut](items=[product_out(row) for row in rows], next_cursor=next_cursor))


@router.post("", response_model=ProductOut, status_code=201)
async def create_product(body: ProductCreate, caller: Caller, tx: Tx, once: Once, settings: Settings) -> JSON:
    """A new product."""
    product = await service.create_product(tx, caller, body, settings.currency, now())
    return await once.reply(201, product, etag=product.version)


@router.get("/{id}", response_model=ProductOut)
async def get_product(id: UUID, caller: Caller, connection: Reader) -> JSON:
    """One product."""
    row = await repository.get(connection, id)
    if row is None or caller.scope("product", "read") is None:
        raise NotFound()
    return JSON(product_out(row), etag=row.version)


@router.patch("/{id}", response_model=ProductOut)
async def patch_product(id: UUID, patch: ProductPatch, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
    """Name, SKU, price, whether it is sold."""
    product = await service.patch_product(tx, caller, id, version, patch)
    return JSON(product, etag=product.version)


@router.delete("/{id}", status_code=204)
async def remove_product(id: UUID, caller: Caller, version: IfMatch, tx: Tx) -> Response:
    """The product, entered by mistake, is gone; 409 `in_use` while a line of a deal names it."""
    await service.remove_product(tx, caller, id, version)
    return Response(status_code=204)
