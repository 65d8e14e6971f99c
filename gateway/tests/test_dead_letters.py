"""Dead letters of all services at one door, for administrators."""

from uuid import UUID

from aiohttp import web
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness

from .conftest import FakeService, Staff, away

Services = dict[str, FakeService]
_LETTER = (
    "INSERT INTO dead_letter (id, queue, type, reason, content_type, body) "
    "VALUES ($1, 'gateway.connections', 'a', 'KeyError', 'application/json', '{}')"
)


async def _own_letter(gateway: Harness) -> UUID:
    id = new_id()
    async with gateway.database.transaction() as tx:
        await tx.connection.exec_driver_sql(_LETTER, (id,))
    return id


async def test_the_overview_counts_every_service_and_says_which_is_away(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire(role="admin")

    async def three(_: web.Request) -> web.Response:
        return web.json_response({"waiting": 3})

    services["deals"].answer = three
    services["contacts"].answer = three
    await _own_letter(gateway)
    async with away(services["contacts"]):
        answer = await gateway.client.get("/api/v1/dead-letters", headers=me.headers)
    counts = {each["service"]: each["waiting"] for each in answer.json()["services"]}
    assert counts["deals"] == 3
    assert counts["contacts"] is None
    assert counts["gateway"] >= 1
    assert services["deals"].requests[-1].path_qs == "/api/v1/dead-letters/waiting"


async def test_a_services_letters_are_asked_of_the_service(gateway: Harness, staff: Staff, services: Services) -> None:
    me, letter = await staff.hire(role="admin"), new_id()
    for method, path, inner in (
        ("GET", "deals?limit=2&waiting=true", "?limit=2&waiting=true"),
        ("GET", f"deals/{letter}", f"/{letter}"),
        ("POST", "deals/redrive", "/redrive"),
        ("POST", f"deals/{letter}/redrive", f"/{letter}/redrive"),
        ("POST", f"deals/{letter}/discard", f"/{letter}/discard"),
    ):
        answer = await gateway.client.request(method, f"/api/v1/dead-letters/{path}", headers=me.headers)
        assert answer.status_code == 200
        asked = services["deals"].requests[-1]
        assert (asked.method, asked.path_qs) == (method, f"/api/v1/dead-letters{inner}")
        assert asked.principal.id == me.id


async def test_the_gateways_own_letters_are_here(gateway: Harness, staff: Staff) -> None:
    me, letter = await staff.hire(role="admin"), await _own_letter(gateway)
    path = "/api/v1/dead-letters/gateway"
    listed = await gateway.client.get(path, params={"waiting": True}, headers=me.headers)
    assert str(letter) in [each["id"] for each in listed.json()["items"]]
    assert (await gateway.client.get(f"{path}/{letter}", headers=me.headers)).json()["body"] == {}
    discarded = await gateway.client.post(f"{path}/{letter}/discard", headers=me.headers)
    assert discarded.json()["discarded_at"]
    redriven = await gateway.client.post(f"{path}/{letter}/redrive", headers=me.headers)
    assert (redriven.status_code, redriven.json()["code"]) == (409, "already_settled")
    other = await _own_letter(gateway)
    assert (await gateway.client.post(f"{path}/{other}/redrive", headers=me.headers)).json() == {"redriven": 1}


async def test_others_than_administrators_get_nothing_and_no_service_is_asked(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    letter = await _own_letter(gateway)
    for role in ("sales_head", "team_lead", "salesperson"):
        me = await staff.hire(role=role)
        for service in ("deals", "gateway"):
            for method, rest in (
                ("GET", ""),
                ("GET", f"/{service}"),
                ("GET", f"/{service}/{letter}"),
                ("POST", f"/{service}/redrive"),
                ("POST", f"/{service}/{letter}/redrive"),
                ("POST", f"/{service}/{letter}/discard"),
            ):
                answer = await gateway.client.request(method, f"/api/v1/dead-letters{rest}", headers=me.headers)
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert services["deals"].requests == []


async def test_a_service_that_is_none_is_refused(gateway: Harness, staff: Staff) -> None:
    me = await staff.hire(role="admin")
    answer = await gateway.client.get("/api/v1/dead-letters/weather", headers=me.headers)
    assert answer.status_code == 422
