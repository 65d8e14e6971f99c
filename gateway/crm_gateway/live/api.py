"""Routes: /live — what happens now, as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from crm_chassis.access.policy import require
from crm_chassis.http import JSON, Caller
from crm_chassis.problems import Problem
from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse

from crm_gateway.live.feed import Feed
from crm_gateway.live.hub import Hub, Joined, frame
from crm_gateway.live.response import HEARTBEAT_S, EventStream
from crm_gateway.live.schemas import Present
from crm_gateway.proxy.service import Proxy
from crm_gateway.sessions.directory import Signed
from crm_gateway.sessions.door import SignedIn

_SNAPSHOT_S = 1.0
_UNREAD = "/api/v1/notices?unread=true&limit=100"
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `snapshot`, `pop`, `change`, `notice`, `reset`, `replaced`; a comment every 15 s",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


def router(hub: Hub, feed: Feed, proxy: Proxy, heartbeat_s: float = HEARTBEAT_S) -> APIRouter:
    """The live stream."""
    routes = APIRouter(tags=["live"])

    @routes.get("/live", response_class=StreamingResponse, responses=_STREAM)
    async def live(signed: SignedIn, last_event_id: Annotated[str | None, Header(max_length=100)] = None) -> Response:
        """What rings at my phone, and hints of what changed among what I may see. One stream per session.

        Begins with `snapshot`: my ringing calls, and how many of my notices are unread (at most 100, or null).
        A `Last-Event-ID` of the last minute gets what was missed; an older one gets `reset`: load anew.
        After `replaced` do not come back by yourself.
        """
        joined = hub.join(signed, last_event_id)
        return EventStream(hub, joined.stream, _opening(feed, proxy, signed, joined), heartbeat_s)

    @routes.get("/live/present", response_model=Present)
    async def present(caller: Caller) -> Response:
        """Who has a page open now, for administrators: of the streams of the gateway process that is asked."""
        require(caller, "user", "update")
        return JSON(Present(user_ids=hub.present()))

    return routes


async def _opening(feed: Feed, proxy: Proxy, signed: Signed, joined: Joined) -> AsyncIterator[bytes]:
    # The stream has joined already: what happens while this is made waits behind it.
    if joined.missed:
        yield frame("reset", {}, joined.position)
    snapshot = {"pops": feed.pops_of(signed.principal.id), "unread_notices": await _unread(proxy, signed)}
    yield frame("snapshot", snapshot, joined.position)


async def _unread(proxy: Proxy, signed: Signed) -> dict[str, Any] | None:
    try:
        passed = await proxy.get("notifications", _UNREAD, signed.principal, _SNAPSHOT_S)
        page = orjson.loads(passed.body) if passed.status == 200 and isinstance(passed.body, bytes) else None
    except (Problem, orjson.JSONDecodeError):
        return None
    if not isinstance(page, dict) or not isinstance(page.get("items"), list):
        return None
    return {"count": len(page["items"]), "more": page.get("next_cursor") is not None}
