"""Routes of deals."""

from typing import Annotated
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import FieldError, Invalid, NotFound
from fastapi import APIRouter, Query, Response

from crm_deals.cards.repository import all_ids
from crm_deals.deals import listing, removing, repository, service
from crm_deals.deals.schemas import (
    DealCreate,
    DealListed,
    DealMove,
    DealOut,
    DealPatch,
    DealQuery,
    deal_listed,
    deal_out,
)
from crm_deals.edge import Settings
from crm_deals.search.rules import is_indexed

router = APIRouter(prefix="/deals", tags=["deals"])


@router.get("", response_model=Page[DealListed])
async def list_deals(query: Annotated[DealQuery, Query()], caller: Caller, connection: Reader) -> JSON:
    """Deals the caller may see; a person is found under every id they ever had."""
    if query.q and not is_indexed(query.q):
        raise Invalid([FieldError("q", "too_vague", "Name three letters or digits in a row.")])
    people = await all_ids(connection, "person", query.person_id) if query.person_id else []
    rows, next_cursor = await listing.listed(connection, caller, query, people, now())
    return JSON(Page[DealListed](items=[deal_listed(row) for row in rows], next_cursor=next_cursor))


@router.post("", response_model=DealOut, status_code=201)
async def create_deal(body: DealCreate, caller: Caller, tx: Tx, once: Once, settings: Settings) -> JSON:
    """A new deal in an open stage."""
    deal = await service.create_deal(tx, caller, body, settings.currency, now())
    return await once.reply(201, deal, etag=deal.version)


@router.get("/{id}", response_model=DealOut)
async def get_deal(id: UUID, caller: Caller, connection: Reader) -> JSON:
    """One deal with its lines."""
    row = await repository.read(connection, caller, id)
    if row is None:
        raise NotFound()
    return JSON(deal_out(row), etag=row.version)


@router.patch("/{id}", response_model=DealOut)
async def patch_deal(id: UUID, patch: DealPatch, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
    """Title, person, company, owner, entered amount, expected day of closing."""
    deal = await service.patch_deal(tx, caller, id, version, patch)
    return JSON(deal, etag=deal.version)


@router.delete("/{id}", status_code=204)
async def remove_deal(id: UUID, caller: Caller, version: IfMatch, tx: Tx) -> Response:
    """The deal, entered by mistake, is gone; 409 `in_use` when a task of it is open or a message was sent."""
    await removing.remove_deal(tx, caller, id, version)
    return Response(status_code=204)


@router.post("/{id}/move", response_model=DealOut)
async def move_deal(id: UUID, body: DealMove, caller: Caller, version: IfMatch, tx: Tx, once: Once) -> JSON:
    """The deal enters another stage; won and lost close it, leaving them reopens it."""
    deal = await service.move_deal(tx, caller, id, version, body, now())
    return await once.reply(200, deal, etag=deal.version)


@router.post("/{id}/undo-move", response_model=DealOut)
async def undo_move(id: UUID, caller: Caller, version: IfMatch, tx: Tx, once: Once) -> JSON:
    """The caller's own last move, made minutes ago, is taken back; the history keeps both."""
    deal = await service.undo_move(tx, caller, id, version, now())
    return await once.reply(200, deal, etag=deal.version)
