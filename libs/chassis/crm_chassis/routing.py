"""Straight to the router that serves a path.

FastAPI asks every included router in turn, each with all its routes: some forty regular expressions for a request to
the last of a service's routers, and for each the bookkeeping of what was included where.
"""

from collections.abc import Iterable

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

_HEAD = 4
"""Segments that tell routers apart: of `/api/v1/things/7`, the empty one, `api`, `v1` and `things`."""


class Straight:
    """In front of a router: only those of its included routers are asked that serve the head of the path.

    What none of them serves in full is left to the router itself, which then knows every 404, 405 and redirect.
    """

    def __init__(self, router: APIRouter, paths: Iterable[tuple[BaseRoute, Iterable[str]]]) -> None:
        """`paths` are the paths of each route of `router`, in the order in which they are asked."""
        self._router = router
        self._loose: list[BaseRoute] = []
        self._by_head: dict[tuple[str, ...], list[BaseRoute]] = {}
        asked = [(route, {_head(path) for path in served}) for route, served in paths]
        exact = {head for _, heads in asked for head in heads if not _is_loose(head)}
        for route, heads in asked:
            is_loose = any(map(_is_loose, heads))
            for head in exact if is_loose else heads:
                self._by_head.setdefault(head, []).append(route)
            if is_loose:
                self._loose.append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            scope.setdefault("router", self._router)
            for route in self._by_head.get(_head(scope["path"]), self._loose):
                if route.matches(scope)[0] is Match.FULL:
                    await route.handle(scope, receive, send)
                    return
        await self._router.app(scope, receive, send)


def _head(path: str) -> tuple[str, ...]:
    return tuple(path.split("/", _HEAD)[:_HEAD])


def _is_loose(head: tuple[str, ...]) -> bool:
    return any("{" in segment for segment in head)
