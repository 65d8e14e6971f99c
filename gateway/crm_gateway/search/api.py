"""Routes: /search — one box for people, companies and deals."""

from typing import Annotated
from urllib.parse import urlencode

from crm_chassis.http import Caller
from crm_chassis.text import OneLine
from fastapi import APIRouter, Query, Response

from crm_gateway.composed import Part, compose
from crm_gateway.proxy.service import Proxy
from crm_gateway.search import schemas


def router(proxy: Proxy) -> APIRouter:
    """The search: contacts owns it, deals helps."""
    routes = APIRouter(tags=["search"])

    @routes.get("/search", response_model=schemas.SearchScreen)
    async def search(caller: Caller, q: Annotated[OneLine, Query(min_length=1, max_length=100)]) -> Response:
        """What is called so, or has this phone or address: people and companies, and deals."""
        target = "/api/v1/search?" + urlencode({"q": q})
        return await compose(proxy, caller, Part("contacts", "contacts", target), Part("deals", "deals", target))

    return routes
