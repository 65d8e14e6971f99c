"""Routes: the web client — its page under every address that is a page, and its files. Public."""

import secrets
from functools import lru_cache
from html import escape
from pathlib import Path

from crm_chassis.problems import NotFound
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from crm_gateway.docs import page as docs
from crm_gateway.web.build import INDEX, Build
from crm_gateway.web.rules import ASK_FIRST, FOR_EVER, encoding_of, is_hashed, is_page, policy

_NONCE = "__NONCE__"


def router(dist: Path) -> APIRouter:
    """The catch-all for pages; include it last."""
    routes = APIRouter(include_in_schema=False)
    build = Build(dist)

    @routes.get("/")
    async def home() -> Response:
        """The client's page, or how to get one."""
        return _page(build)

    @routes.get("/{path:path}")
    async def anything(request: Request, path: str) -> Response:
        """A file of the build; for a browser that asks for a page, the client's."""
        if path != INDEX and build.file(path) is not None:
            return _file(request, build, path)
        if not is_page(path, request.headers.get("accept", "")):
            raise NotFound
        return _page(build)

    return routes


def _page(build: Build) -> Response:
    html = build.page()
    if html is None:
        return HTMLResponse(_unbuilt(), headers={"Content-Security-Policy": docs.POLICY, "Cache-Control": ASK_FIRST})
    # Made anew each time, so that it is never taken from a cache without the policy that knows its nonce.
    nonce = secrets.token_urlsafe(16)
    headers = {"Content-Security-Policy": policy(nonce), "Cache-Control": ASK_FIRST}
    return HTMLResponse(html.replace(_NONCE, escape(nonce)), headers=headers)


def _file(request: Request, build: Build, name: str) -> Response:
    file = build.file(name)
    assert file is not None
    headers = {
        "Cache-Control": FOR_EVER if is_hashed(name) else ASK_FIRST,
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
    }
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    encoding = encoding_of(request.headers.get("accept-encoding", ""), frozenset(file.compressed))
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    body = file.compressed[encoding] if encoding else file.body
    return Response(body, headers=headers, media_type=file.media_type)


@lru_cache
def _unbuilt() -> str:
    return docs.unbuilt()
