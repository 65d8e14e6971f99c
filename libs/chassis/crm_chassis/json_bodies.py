"""JSON bodies are read strictly (RFC 8259, I-JSON): UTF-8, no name twice in an object, nested no deeper than sense."""

import json
from collections.abc import Collection
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_chassis.http import problem_response
from crm_chassis.problems import FieldError, Invalid, Problem

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class JsonBodies:
    """A JSON body below `prefix` that different readers could understand differently is refused with 422.

    What is posted to `uploads` is a file, whatever it is called: it is passed on piece by piece.
    """

    def __init__(self, app: ASGIApp, prefix: str, uploads: Collection[str] = ()) -> None:
        self._app = app
        self._prefix = prefix
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if not self._concerns(scope):
            await self._app(scope, receive, send)
            return
        try:
            body = await _whole(receive)
            if body is not None:
                check(body)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        if body is None:
            return  # the client has gone
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    def _concerns(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in _WRITES or not scope["path"].startswith(self._prefix):
            return False
        if scope["method"] == "POST" and scope["path"] in self._uploads:
            return False
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json" or kind.endswith("+json")


def check(body: bytes) -> None:
    """Invalid when the body is no JSON, or JSON that is ambiguous; an empty body is left to the route."""
    if not body:
        return
    try:
        json.loads(body.decode(), object_pairs_hook=_once)
    except RecursionError:
        raise _refused("json_too_deep", "It is nested too deep.") from None
    except ValueError as error:
        raise _refused("json_invalid", "This is no JSON in UTF-8.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _refused("duplicate_key", "A name stands twice in an object.")
    return found


def _refused(code: str, message: str) -> Invalid:
    return Invalid([FieldError("body", code, message)])


async def _whole(receive: Receive) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)
