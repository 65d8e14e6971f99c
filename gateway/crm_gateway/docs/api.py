"""Routes: the documents and pages about the API. Public."""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

import orjson
from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from crm_gateway.docs import asyncapi, page

MERGED = "openapi.json"
_KEPT = {"Cache-Control": "public, max-age=300"}

public = APIRouter(include_in_schema=False)
pages = APIRouter(include_in_schema=False)


@lru_cache
def merged() -> bytes:
    """The merged OpenAPI document shipped with the package."""
    return files("crm_gateway").joinpath(MERGED).read_bytes()


@lru_cache
def _bus() -> bytes:
    return orjson.dumps(asyncapi.document())


@lru_cache
def _html(render: Callable[[], str]) -> str:
    return render()


def _api_page() -> str:
    return page.api(orjson.loads(merged()))


def _bus_page() -> str:
    return page.events(asyncapi.document())


@public.get("/openapi.json")
async def openapi() -> Response:
    """The API of all services."""
    return Response(merged(), media_type="application/json", headers=_KEPT)


@pages.get("/asyncapi.json")
async def asyncapi_document() -> Response:
    """The events of all services."""
    return Response(_bus(), media_type="application/json", headers=_KEPT)


@pages.get("/docs")
async def docs() -> Response:
    """The API on a page."""
    return _answer(_api_page)


@pages.get("/asyncapi")
async def bus() -> Response:
    """The events on a page."""
    return _answer(_bus_page)


def _answer(render: Callable[[], str]) -> Response:
    return HTMLResponse(_html(render), headers={**_KEPT, "Content-Security-Policy": page.POLICY})
