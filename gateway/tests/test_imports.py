"""All imports of a caller in one list, and what of it is there when a service is away."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web
from crm_chassis.imports.repository import ORDER
from crm_chassis.testing import Harness
from crm_gateway.imports.rules import Job, Place, merged, place_of
from crm_gateway.proxy.rules import IMPORTS
from hypothesis import given
from hypothesis import strategies as st

from .conftest import FakeService, Staff, away

Services = dict[str, FakeService]

LIST = "/api/v1/imports"
BEGAN = datetime(2026, 11, 22, 8, tzinfo=UTC)


def job(kind: str, minute: int, number: int = 0) -> Job:
    """A job as its owner shows it."""
    created = (BEGAN + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
    return {"id": str(UUID(int=number or minute)), "kind": kind, "state": "done", "created_at": created}


def keeping(jobs: list[Job]) -> Any:
    """A service with these jobs, answering as owners do: newest first, after a cursor, so many."""

    async def answer(request: web.Request) -> web.Response:
        kind, limit = request.path.rpartition("/")[2], int(request.query["limit"])
        cursor = request.query.get("cursor")
        found = sorted((each for each in jobs if each["kind"] == kind), key=place_of, reverse=True)
        after = [each for each in found if cursor is None or place_of(each) < places[cursor]]
        following = ORDER.cursor(place_of(after[limit - 1])) if len(after) > limit else None
        return web.json_response({"items": after[:limit], "next_cursor": following})

    places = {ORDER.cursor(place_of(each)): place_of(each) for each in ALL}
    return answer


ALL = [job(kind, minute) for minute, kind in enumerate([*IMPORTS, *IMPORTS, "deals", "deals"])]


async def test_one_list_pages_through_the_jobs_of_all_kinds_newest_first(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    services["contacts"].answer = services["deals"].answer = keeping(ALL)
    seen: list[Job] = []
    query: dict[str, str] = {"limit": "3"}
    while True:
        page = (await gateway.client.get(LIST, params=query, headers=me.headers)).json()
        assert page["notices"] == [] and len(page["items"]) <= 3
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ALL[::-1]
    assert {request.principal.id for request in services["contacts"].requests} == {me.id}


async def test_a_service_that_is_away_or_unwell_is_a_notice_and_the_others_jobs_are_shown(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    services["contacts"].answer = services["deals"].answer = keeping(ALL)
    async with away(services["deals"]):
        answer = await gateway.client.get(LIST, headers=me.headers)
    assert answer.status_code == 200
    assert {each["kind"] for each in answer.json()["items"]} == {"people", "companies"}
    told = [(notice["code"], notice["service"]) for notice in answer.json()["notices"]]
    assert told == [("imports_unavailable", "deals")]

    async def unwell(_: web.Request) -> web.Response:
        return web.Response(status=500)

    services["contacts"].answer = unwell
    answer = await gateway.client.get(LIST, headers=me.headers)
    assert [notice["service"] for notice in answer.json()["notices"]] == ["contacts"]
    assert {each["kind"] for each in answer.json()["items"]} == {"products", "deals"}


async def test_a_cursor_its_owners_do_not_know_is_their_refusal(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()

    async def refuse(_: web.Request) -> web.Response:
        body = orjson.dumps({"code": "invalid", "errors": [{"field": "cursor", "code": "bad_cursor"}]})
        return web.Response(status=422, body=body, content_type="application/problem+json")

    services["contacts"].answer = services["deals"].answer = refuse
    answer = await gateway.client.get(LIST, params={"cursor": "nonsense"}, headers=me.headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bad_cursor")
    for query in ({"limit": "0"}, {"limit": "201"}, {"kind": "people"}):
        assert (await gateway.client.get(LIST, params=query, headers=me.headers)).status_code == 422
    assert (await gateway.client.get(LIST)).status_code == 401
    assert (await gateway.client.post(LIST, headers=me.headers)).status_code == 405


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 10**6)), max_size=8), min_size=1, max_size=4),
    st.integers(1, 5),
)
def test_pages_of_many_lists_show_each_job_once_in_order(lists: list[list[tuple[int, int]]], limit: int) -> None:
    owners = [[job("x", minute, number) for minute, number in {n: (m, n) for m, n in jobs}.values()] for jobs in lists]
    owners = [[each | {"id": str(UUID(int=UUID(each["id"]).int * 8 + i))} for each in o] for i, o in enumerate(owners)]
    for jobs in owners:
        jobs.sort(key=place_of, reverse=True)
    shown: list[Job] = []
    place: Place | None = None
    for _ in range(40):
        rest = [[each for each in jobs if place is None or place_of(each) < place] for jobs in owners]
        page, place = merged([(jobs[:limit], len(jobs) > limit) for jobs in rest], limit)
        shown += page
        if place is None:
            break
    assert shown == sorted((each for jobs in owners for each in jobs), key=place_of, reverse=True)
