"""Card and search: the owner's failure is the error, a helper's is a null with a notice."""

import asyncio

from aiohttp import web
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness

from .conftest import FakeService, Staff, away

Services = dict[str, FakeService]


async def test_a_card_is_the_owners_card_and_the_helpers_work_in_one_answer(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me, person = await staff.hire(), new_id()
    answer = await gateway.client.get(f"/api/v1/card/person/{person}", headers=me.headers)
    path = f"/api/v1/card/person/{person}"
    assert answer.json() == {
        "card": {"service": "contacts", "path": path},
        "work": {"service": "deals", "path": path},
        "notices": [],
    }
    assert services["deals"].requests[0].principal.id == me.id


async def test_without_the_helper_the_card_comes_with_a_notice(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    async with away(services["deals"]):
        answer = await gateway.client.get(f"/api/v1/card/company/{new_id()}", headers=me.headers)
    assert answer.status_code == 200
    assert answer.json()["card"]["service"] == "contacts"
    assert answer.json()["work"] is None
    assert [notice["code"] for notice in answer.json()["notices"]] == ["work_unavailable"]


async def test_a_helper_that_fails_or_refuses_is_a_notice_too(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    for status in (404, 500):

        async def fail(_: web.Request, status: int = status) -> web.Response:
            return web.Response(status=status)

        services["deals"].answer = fail
        answer = await gateway.client.get(f"/api/v1/card/person/{new_id()}", headers=me.headers)
        assert (answer.status_code, answer.json()["work"]) == (200, None)


async def test_a_helper_slower_than_a_second_is_not_waited_for(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me, never = await staff.hire(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await never.wait()
        return web.json_response({})

    services["deals"].answer = hang
    answer = await gateway.client.get(f"/api/v1/card/person/{new_id()}", headers=me.headers)
    never.set()
    assert answer.json()["work"] is None


async def test_the_owners_refusal_is_the_answer(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()

    async def hidden(_: web.Request) -> web.Response:
        return web.json_response({"code": "not_found"}, status=404)

    services["contacts"].answer = hidden
    answer = await gateway.client.get(f"/api/v1/card/person/{new_id()}", headers=me.headers)
    assert (answer.status_code, answer.json()) == (404, {"code": "not_found"})
    async with away(services["contacts"]):
        answer = await gateway.client.get(f"/api/v1/card/person/{new_id()}", headers=me.headers)
    assert answer.status_code == 503


async def test_only_cards_that_exist_are_asked_for(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()
    for path in ("person/..", "deal/" + str(new_id()), "person/1"):
        answer = await gateway.client.get(f"/api/v1/card/{path}", headers=me.headers)
        assert answer.status_code in (404, 422)
    assert services["contacts"].requests == []


async def test_search_asks_both_with_the_very_words(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()
    answer = await gateway.client.get("/api/v1/search", params={"q": "Š & co #1"}, headers=me.headers)
    path = "/api/v1/search?q=%C5%A0+%26+co+%231"
    assert answer.json() == {
        "contacts": {"service": "contacts", "path": path},
        "deals": {"service": "deals", "path": path},
        "notices": [],
    }
    for bad in ({}, {"q": ""}, {"q": "x" * 201}, {"q": "a\x00"}):
        assert (await gateway.client.get("/api/v1/search", params=bad, headers=me.headers)).status_code == 422


async def test_search_goes_on_without_deals_and_says_so(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()
    async with away(services["deals"]):
        answer = await gateway.client.get("/api/v1/search", params={"q": "novak"}, headers=me.headers)
    assert answer.json()["deals"] is None
    assert [notice["code"] for notice in answer.json()["notices"]] == ["deals_unavailable"]
