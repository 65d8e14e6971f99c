"""The way to the owner and back: nothing added, nothing lost, nobody else's credentials."""

import hashlib
from uuid import UUID

import aiohttp
import orjson
import pytest
from aiohttp import web
from crm_chassis.access.principal import Scope
from crm_chassis.access.tokens import TokenSigner
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually, salesperson
from crm_gateway.proxy import tokens
from crm_gateway.proxy.rules import OWNERS
from crm_gateway.proxy.tokens import Mint
from crm_gateway.sessions import directory

from .conftest import PRIVATE_KEY, PUBLIC_URL, FakeService, Staff, away

Services = dict[str, FakeService]


async def test_every_noun_reaches_its_owner(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()
    for noun, owner in OWNERS.items():
        for path in (f"/api/v1/{noun}", f"/api/v1/{noun}/{new_id()}/sub"):
            answer = await gateway.client.get(path, headers=me.headers)
            assert answer.json() == {"service": owner, "path": path}


async def test_what_is_no_noun_of_ours_is_nowhere(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()
    for path in (
        "/api/v1/hooks/pbx/x",
        "/api/v1/health/live",
        "/api/v1/people%2f..%2fx",
        "/api/v1/people/..%5cx",
        "/api/v1/people/",
    ):
        assert (await gateway.client.get(path, headers=me.headers)).status_code == 404
    assert not any(fake.requests for fake in services.values())


async def test_a_stranger_reaches_no_service(gateway: Harness, services: Services) -> None:
    for noun in OWNERS:
        for method in ("GET", "POST", "PATCH", "DELETE"):
            assert (await gateway.client.request(method, f"/api/v1/{noun}")).status_code == 401
    assert not any(fake.requests for fake in services.values())


async def test_the_owner_sees_the_caller_and_not_their_credentials(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    team = await staff.team()
    me = await staff.hire("salesperson", team)
    story = new_id()
    answer = await gateway.client.post(
        "/api/v1/people?a=%20b",
        content=b'{"name":"\xc5\xa0pela"}',
        headers=me.headers
        | {
            "Content-Type": "application/json",
            "Cookie": "crm_session=secret",
            "X-Correlation-ID": str(story),
            "Idempotency-Key": "k1",
            "X-Forwarded-For": "1.2.3.4",
            "X-Hook-Remote-Ip": "1.2.3.4",
            "X-Internal-Client": "1.2.3.4",
        },
    )
    (seen,) = services["contacts"].requests
    assert (seen.method, seen.path_qs, seen.body) == ("POST", "/api/v1/people?a=%20b", b'{"name":"\xc5\xa0pela"}')
    assert (seen.principal.id, seen.principal.role, seen.principal.team_id) == (me.id, "salesperson", team)
    assert seen.principal.grants["person:create"] is Scope.OWN
    assert seen.headers["x-correlation-id"] == answer.headers["x-correlation-id"] == str(story)
    assert seen.headers["idempotency-key"] == "k1"
    assert me.headers["Authorization"] != seen.headers["authorization"]
    assert not {"cookie", "x-forwarded-for", "x-hook-remote-ip"} & set(seen.headers)
    assert seen.headers["x-internal-client"] == "127.0.0.1"


async def test_the_owner_is_told_who_is_in_a_leads_team_today(
    gateway: Harness, staff: Staff, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    team, elsewhere = await staff.team(), await staff.team()
    admin, lead = await staff.hire("admin"), await staff.hire("team_lead", team)
    seller, (member, _) = await staff.hire("salesperson", team), await staff.user("salesperson", team)

    async def told(headers: dict[str, str]) -> frozenset[UUID] | None:
        await gateway.client.get("/api/v1/deals", headers=headers)
        return services["deals"].requests[-1].principal.colleagues

    async def is_told(expected: set[UUID] | None) -> None:
        async def it_is() -> bool:
            return await told(lead.headers) == expected

        await eventually(it_is)

    await is_told({lead.id, seller.id, member})
    assert await told(seller.headers) is None
    moved = {"team_id": str(elsewhere)}
    url, one = f"/api/v1/users/{member}", admin.headers | {"If-Match": "1"}
    assert (await gateway.client.patch(url, json=moved, headers=one)).status_code == 200
    await is_told({lead.id, seller.id})
    monkeypatch.setattr(directory, "NAMED_COLLEAGUES", 1)
    await is_told(None)


async def test_a_correlation_id_that_is_no_uuid_is_replaced(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()
    answer = await gateway.client.get("/api/v1/deals", headers=me.headers | {"X-Correlation-ID": "'; drop"})
    assert UUID(answer.headers["x-correlation-id"]).version == 7
    assert services["deals"].requests[0].headers["x-correlation-id"] == answer.headers["x-correlation-id"]


async def test_the_owners_answer_comes_back_as_it_is(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()

    async def refuse(_: web.Request) -> web.Response:
        body = b'{"code":"stale_version","current":4}'
        headers = {"ETag": '"4"', "Set-Cookie": "evil=1", "Content-Type": "application/problem+json"}
        return web.Response(status=409, body=body, headers=headers)

    services["deals"].answer = refuse
    answer = await gateway.client.patch("/api/v1/deals/1", json={}, headers=me.headers)
    assert (answer.status_code, answer.content) == (409, b'{"code":"stale_version","current":4}')
    assert answer.headers["etag"] == '"4"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers
    assert len(answer.headers.get_list("x-correlation-id")) == 1


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_large_answer_streams_through_byte_for_byte(
    gateway: Harness, staff: Staff, services: Services, chunked: bool
) -> None:
    me = await staff.hire()
    large = bytes(range(256)) * 20_000

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        if not chunked:
            response.content_length = len(large)
        await response.prepare(request)
        for start in range(0, len(large), 100_000):
            await response.write(large[start : start + 100_000])
        await response.write_eof()
        return response

    services["reports"].answer = stream
    answer = await gateway.client.get("/api/v1/reports/x", headers=me.headers)
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(large).digest()
    assert answer.headers.get("content-length") == (None if chunked else str(len(large)))


async def test_compressed_bytes_pass_untouched(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()

    async def compressed(_: web.Request) -> web.Response:
        return web.Response(body=b"not really gzip", headers={"Content-Encoding": "identity"})

    services["reports"].answer = compressed
    assert (await gateway.client.get("/api/v1/reports/x", headers=me.headers)).content == b"not really gzip"


async def test_a_body_over_a_mebibyte_is_refused_before_any_service_hears_of_it(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()

    async def chunks() -> object:
        for _ in range(20):
            yield b"x" * 65_536

    declared = await gateway.client.post("/api/v1/people", content=b"x" * (1024 * 1024 + 1), headers=me.headers)
    undeclared = await gateway.client.post("/api/v1/people", content=chunks(), headers=me.headers)  # type: ignore[arg-type]
    assert (declared.status_code, undeclared.status_code) == (413, 413)
    assert services["contacts"].requests == []


async def test_a_service_that_is_away_is_told_as_such_and_the_others_go_on(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    async with away(services["reports"]):
        answer = await gateway.client.get("/api/v1/reports/x", headers=me.headers)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) >= 1
        assert (await gateway.client.get("/api/v1/deals", headers=me.headers)).status_code == 200
    assert (await gateway.client.get("/api/v1/reports/x", headers=me.headers)).status_code == 200


async def test_a_service_that_breaks_off_is_a_503(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()

    async def break_off(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    services["deals"].answer = break_off
    assert (await gateway.client.post("/api/v1/deals", json={}, headers=me.headers)).status_code == 503


def _unknown(noun: str, id_: UUID) -> web.Response:
    problem = {"code": "unknown_reference", "status": 422, "reference": {"noun": noun, "id": str(id_)}}
    return web.Response(status=422, body=orjson.dumps(problem), content_type="application/problem+json")


async def test_a_reference_too_fresh_for_the_copy_is_vouched_for_after_asking_its_owner(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me, person, company = await staff.hire(), new_id(), new_id()
    deals = services["deals"]

    async def lagging(_: web.Request) -> web.Response:
        refs = deals.requests[-1].principal.refs
        for noun, id_ in (("person", person), ("company", company)):
            if f"{noun}/{id_}" not in refs:
                return _unknown(noun, id_)
        return web.json_response({"ok": True}, status=201)

    deals.answer = lagging
    answer = await gateway.client.post("/api/v1/deals", json={"title": "x"}, headers=me.headers)
    assert answer.status_code == 201
    asked = [(seen.method, seen.path_qs, seen.principal.id) for seen in services["contacts"].requests]
    assert asked == [("GET", f"/api/v1/people/{person}", me.id), ("GET", f"/api/v1/companies/{company}", me.id)]
    assert [seen.body for seen in deals.requests] == [b'{"title":"x"}'] * 3
    assert deals.requests[-1].principal.refs == {f"person/{person}", f"company/{company}"}
    await gateway.client.post("/api/v1/deals", json={"title": "y"}, headers=me.headers)
    assert deals.requests[3].principal.refs == frozenset()


async def test_a_reference_its_owner_hides_stays_unknown_and_is_not_tried_again(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me, person = await staff.hire(), new_id()

    async def unknown(_: web.Request) -> web.Response:
        return _unknown("person", person)

    async def hidden(_: web.Request) -> web.Response:
        return web.Response(status=404)

    services["deals"].answer, services["contacts"].answer = unknown, hidden
    answer = await gateway.client.post("/api/v1/deals", json={}, headers=me.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_reference")
    assert len(services["deals"].requests) == 1
    assert len(services["contacts"].requests) == 1


async def test_a_reference_whose_owner_is_unwell_is_no_wrong_reference_but_a_503(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me, person = await staff.hire(), new_id()

    async def unknown(_: web.Request) -> web.Response:
        return _unknown("person", person)

    async def unwell(_: web.Request) -> web.Response:
        return web.Response(status=503)

    services["deals"].answer, services["contacts"].answer = unknown, unwell
    answer = await gateway.client.post("/api/v1/deals", json={}, headers=me.headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_a_service_that_never_learns_is_not_asked_for_ever(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me, person = await staff.hire(), new_id()

    async def unknown(_: web.Request) -> web.Response:
        return _unknown("person", person)

    services["deals"].answer = unknown
    assert (await gateway.client.post("/api/v1/deals", json={}, headers=me.headers)).status_code == 422
    assert len(services["deals"].requests) == 2


async def test_a_cookie_borne_write_from_another_site_reaches_no_service(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    _, email = await staff.user()
    answer = await gateway.client.post("/api/v1/sessions", json={"email": email, "password": "correct horse battery"})
    gateway.client.cookies.clear()
    cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await gateway.client.request(method, "/api/v1/deals", headers=cookie)).status_code == 403
    assert services["deals"].requests == []
    ours = await gateway.client.post("/api/v1/deals", headers=cookie | {"Origin": PUBLIC_URL})
    assert ours.status_code == 200


def test_a_token_is_minted_once_in_thirty_seconds_and_anew_when_rights_change(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr(tokens, "monotonic", lambda: clock)
    mint = Mint(TokenSigner(PRIVATE_KEY))
    caller = salesperson(("deal",))
    first = mint.token(caller)
    monkeypatch.setattr(mint._signer, "sign", lambda principal: f"another for {principal.role}")
    assert mint.token(caller) == first
    promoted = salesperson(("deal", "task"), id=caller.id)
    assert mint.token(promoted) == "another for salesperson"
    clock += 30
    assert mint.token(promoted) == "another for salesperson"
    assert mint.system() == "another for system"


async def test_every_answer_carries_the_security_headers(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()
    for path in ("/api/v1/deals", "/api/v1/nonsense", "/api/v1/sessions/current", "/", "/docs"):
        headers = (await gateway.client.get(path, headers=me.headers)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers


async def test_a_service_that_does_not_believe_the_gateway_signs_nobody_out(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()

    async def disbelieve(_: web.Request) -> web.Response:
        return web.json_response({"code": "bad_internal_token"}, status=401)

    services["deals"].answer = disbelieve
    assert (await gateway.client.get("/api/v1/deals", headers=me.headers)).status_code == 503


async def test_an_answer_that_breaks_off_midway_never_looks_complete(
    gateway: Harness, staff: Staff, services: Services, address: str
) -> None:
    me = await staff.hire()

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x" * 200_000)
        assert request.transport is not None
        request.transport.abort()
        return response

    services["reports"].answer = half
    async with aiohttp.ClientSession() as browser:
        with pytest.raises(aiohttp.ClientError):
            async with browser.get(f"{address}/api/v1/reports/x", headers=me.headers) as answer:
                await answer.read()
