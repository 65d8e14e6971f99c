"""Requests go straight to the router that serves them, and end where they would have without the short cut."""

import httpx
import pytest
from crm_chassis.routing import Straight
from fastapi import APIRouter, FastAPI


def routers() -> list[APIRouter]:
    things, parts, loose = APIRouter(), APIRouter(), APIRouter()
    things.add_api_route("/api/v1/things", lambda: "things")
    things.add_api_route("/api/v1/things/sums", lambda: "sums")
    things.add_api_route("/api/v1/things/{id}", lambda id: f"thing {id}")
    parts.add_api_route("/api/v1/things/{id}/parts", lambda id: f"parts of {id}", methods=["POST"])
    parts.add_api_route("/health", lambda: "well")
    loose.add_api_route("/api/v1/{noun}/{rest:path}", lambda noun, rest: f"{noun} elsewhere")
    return [things, parts, loose]


def app(*, straight: bool) -> FastAPI:
    made = FastAPI()
    included = routers()
    for router in included:
        made.include_router(router)
    if straight:
        served = [[getattr(route, "path", "") for route in router.routes] for router in included]
        ours = made.router.routes[-len(included) :]
        made.router.middleware_stack = Straight(made.router, zip(ours, served, strict=True))
    return made


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/things",
        "/api/v1/things/",
        "/api/v1/things/sums",
        "/api/v1/things/7",
        "/api/v1/things/7/parts",
        "/api/v1/others/7",
        "/api/v1/others",
        "/health",
        "/health/",
        "/nowhere",
        "/",
    ],
)
async def test_the_short_cut_answers_as_the_long_way_does(method: str, path: str) -> None:
    answers = []
    for straight in (False, True):
        transport = httpx.ASGITransport(app=app(straight=straight))
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            answers.append(await client.request(method, path))
    long, short = answers
    assert (short.status_code, short.content, short.headers) == (long.status_code, long.content, long.headers)
