"""Routes: /card — a customer on one screen."""

from typing import Literal
from uuid import UUID

from crm_chassis.http import Caller
from fastapi import APIRouter, Response

from crm_gateway.card import schemas
from crm_gateway.composed import Part, compose
from crm_gateway.proxy.service import Proxy


def router(proxy: Proxy) -> APIRouter:
    """The card: contacts owns it, deals helps with the open work."""
    routes = APIRouter(tags=["card"])

    @routes.get("/card/{kind}/{id}", response_model=schemas.CardScreen)
    async def card(caller: Caller, kind: Literal["person", "company"], id: UUID) -> Response:
        """The card with its timeline page, and the open deals and tasks (`work`, null with a notice when away)."""
        target = f"/api/v1/card/{kind}/{id}"
        return await compose(proxy, caller, Part("card", "contacts", target), Part("work", "deals", target))

    return routes
