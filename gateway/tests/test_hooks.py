"""Webhooks at the only door: passed on, parked while telephony is away, never lost, never believed by themselves."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import aio_pika
import pytest
from aiohttp import web
from crm_chassis.access.tokens import TokenSigner
from crm_chassis.bus import PARKED_HOOKS_QUEUE
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.problems import TooMany, Unavailable
from crm_chassis.testing import Harness, eventually
from crm_contracts import telephony as contract
from crm_gateway.hooks import service as hooks_service
from crm_gateway.hooks.connections import Connections
from crm_gateway.hooks.rules import Arrival
from crm_gateway.hooks.service import Hooks, parking
from crm_gateway.proxy.tokens import Mint
from crm_gateway.proxy.upstream import Upstreams
from crm_gateway.rates.limits import Limits
from crm_gateway.settings import GatewaySettings

from .conftest import PRIVATE_KEY, PUBLIC_URL, FakeService, Staff, away, free_port

Services = dict[str, FakeService]
ANSWER = '{"result":"ok"}'
QUEUE = "gateway.connections"


@dataclass(frozen=True)
class Pbx:
    """A connection the gateway has a copy of."""

    id: UUID
    token: str

    @property
    def url(self) -> str:
        """Where its hooks go."""
        return f"/hooks/pbx/{self.token}"


def state(
    pbx_id: UUID, token: str, version: int, *, active: bool = True, answer: str = ANSWER
) -> contract.ConnectionState:
    """The connection as telephony tells it."""
    return contract.ConnectionState(
        id=pbx_id,
        token_sha256=hashlib.sha256(token.encode()).hexdigest(),
        vendor="generic",
        answer_body=answer,
        answer_content_type="application/json",
        active=active,
        version=version,
    )


async def tell(gateway: Harness, told: contract.ConnectionState) -> None:
    """Telephony's event is delivered and applied."""
    event = gateway.event(contract.CONNECTION_CHANGED, told, subject="connection", id=told.id, sequence=told.version)
    await gateway.deliver(event, queue=QUEUE)


async def version_of(gateway: Harness, pbx_id: UUID) -> int | None:
    """The version the copy has."""
    rows = await gateway.rows("SELECT version FROM pbx_connection WHERE id = :id", id=pbx_id)
    return rows[0]["version"] if rows else None


async def arrived(gateway: Harness, pbx_id: UUID) -> None:
    """The copy knows the connection."""
    await eventually(lambda: version_of(gateway, pbx_id))


@pytest.fixture
async def pbx(gateway: Harness, services: Services) -> Pbx:
    """A PBX connection."""
    made = Pbx(new_id(), secrets.token_urlsafe(24))
    await tell(gateway, state(made.id, made.token, 1))
    await arrived(gateway, made.id)
    return made


async def parked(gateway: Harness) -> int:
    """How many hooks wait."""
    connection = await aio_pika.connect(gateway.runtime.settings.amqp_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(PARKED_HOOKS_QUEUE, passive=True)
        return queue.declaration_result.message_count or 0


async def test_a_hook_reaches_telephony_raw_with_what_only_the_gateway_knows(
    gateway: Harness, services: Services, pbx: Pbx
) -> None:
    raw = b"vpbx_api_key=k&sign=s&json=%7B%22a%22%3A1%7D"
    answer = await gateway.client.post(
        f"{pbx.url}/events/call?x=1",
        content=raw,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Signature": "abc",
            "Authorization": "Basic YTpi",
            "X-Hook-Remote-Ip": "6.6.6.6",
            "X-Hook-Arrived-At": "1999-01-01T00:00:00Z",
        },
    )
    assert answer.status_code == 200
    (seen,) = services["telephony"].requests
    assert (seen.method, seen.path_qs, seen.body) == ("POST", f"{pbx.url}/events/call?x=1", raw)
    assert (seen.principal.is_system, seen.principal.name) == (True, "gateway")
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen.headers["x-signature"] == "abc"
    assert seen.headers["x-hook-authorization"] == "Basic YTpi"
    assert seen.headers["x-hook-remote-ip"] == "127.0.0.1"
    assert seen.headers["x-hook-public-url"] == f"{PUBLIC_URL}{pbx.url}/events/call?x=1"
    assert abs((now() - datetime.fromisoformat(seen.headers["x-hook-arrived-at"])).total_seconds()) < 60


async def test_telephonys_refusal_is_the_vendors_answer_and_nothing_is_parked(
    gateway: Harness, services: Services, pbx: Pbx
) -> None:
    async def forged(_: web.Request) -> web.Response:
        return web.json_response({"code": "bad_signature"}, status=401)

    services["telephony"].answer = forged
    assert (await gateway.client.post(pbx.url, content=b"{}")).status_code == 401
    assert len(services["telephony"].requests) == 1
    assert await parked(gateway) == 0


async def test_hooks_sent_while_telephony_is_away_are_answered_and_reach_it_later_in_order_with_their_time(
    gateway: Harness, services: Services, pbx: Pbx
) -> None:
    telephony = services["telephony"]
    before = now()
    async with away(telephony):
        for number in range(5):
            answer = await gateway.client.post(f"{pbx.url}/events/call", content=b"event %d" % number)
            assert (answer.status_code, answer.text) == (200, ANSWER)
            assert answer.headers["content-type"] == "application/json"
        after = now()
    await eventually(lambda: len(telephony.requests) == 5, timeout=30)
    assert [seen.body for seen in telephony.requests] == [b"event %d" % number for number in range(5)]
    for seen in telephony.requests:
        assert before <= datetime.fromisoformat(seen.headers["x-hook-arrived-at"]) <= after
        assert seen.headers["x-hook-public-url"] == f"{PUBLIC_URL}{pbx.url}/events/call"
    await eventually(lambda: _nothing_parked(gateway))


async def _nothing_parked(gateway: Harness) -> bool:
    return await parked(gateway) == 0


async def test_a_parked_hook_telephony_refuses_is_dropped_and_the_next_one_goes_on(
    gateway: Harness, services: Services, pbx: Pbx
) -> None:
    telephony = services["telephony"]
    taken: list[bytes] = []

    async def judge(_: web.Request) -> web.Response:
        body = telephony.requests[-1].body
        if body == b"forged":
            return web.json_response({"code": "bad_signature"}, status=401)
        if body == b"later" and sum(seen.body == b"later" for seen in telephony.requests) < 3:
            return web.Response(status=500)
        taken.append(body)
        return web.Response()

    async with away(telephony):
        for body in (b"forged", b"later", b"last"):
            assert (await gateway.client.post(pbx.url, content=body)).status_code == 200
        telephony.answer = judge
    await eventually(lambda: taken == [b"later", b"last"], timeout=30)
    assert sum(seen.body == b"forged" for seen in telephony.requests) == 1
    await eventually(lambda: _nothing_parked(gateway))


async def test_a_failing_telephony_is_an_absent_one(gateway: Harness, services: Services, pbx: Pbx) -> None:
    telephony = services["telephony"]
    for status, code in ((500, "internal_error"), (503, "unavailable"), (401, "bad_internal_token")):
        telephony.requests.clear()

        async def fail(_: web.Request, status: int = status, code: str = code) -> web.Response:
            return web.json_response({"code": code}, status=status)

        telephony.answer = fail
        answer = await gateway.client.post(pbx.url, content=b"x")
        assert (answer.status_code, answer.text) == (200, ANSWER)
        telephony.answer = None
        await eventually(lambda: _nothing_parked(gateway), timeout=30)


async def test_a_telephony_that_does_not_answer_in_time_is_an_absent_one(
    gateway: Harness, services: Services, pbx: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    monkeypatch.setattr(hooks_service, "EVENT_S", 0.2)
    services["telephony"].answer = hang
    answer = await gateway.client.post(pbx.url, content=b"x")
    assert (answer.status_code, answer.text) == (200, ANSWER)
    released.set()
    await eventually(lambda: _nothing_parked(gateway), timeout=30)


async def test_with_telephony_and_the_bus_away_the_vendor_is_told_to_come_again(
    gateway: Harness, services: Services, pbx: Pbx
) -> None:
    nowhere = free_port()
    upstreams = Upstreams({"telephony": f"http://127.0.0.1:{nowhere}"})
    hooks = Hooks(
        upstreams,
        Mint(TokenSigner(PRIVATE_KEY)),
        Connections(),
        parking(f"amqp://guest:guest@127.0.0.1:{nowhere}/"),
        Limits(GatewaySettings()),
    )
    arrival = Arrival("POST", pbx.url, PUBLIC_URL + pbx.url, [], b"x", "1.2.3.4", now(), new_id())
    with telling(Story.of_system("test")), pytest.raises(Unavailable) as refused:
        await hooks.pbx(gateway.runtime, pbx.token, "", arrival)
    assert int(refused.value.headers["Retry-After"]) >= 1
    await upstreams.close()


async def test_a_look_up_is_never_parked(gateway: Harness, services: Services, pbx: Pbx) -> None:
    path = f"{pbx.url}/lookup?phone=%2B38640111222"
    assert (await gateway.client.get(path)).json()["path"] == path
    async with away(services["telephony"]):
        answer = await gateway.client.get(path)
        assert (answer.status_code, answer.json()) == (
            200,
            {"match": "none", "person_id": None, "owner_id": None, "extension": None},
        )
        assert await parked(gateway) == 0
        check = await gateway.client.get(f"{pbx.url}?zd_echo=1")
        assert check.status_code == 503


async def test_an_unknown_token_is_nowhere_and_parks_nothing(gateway: Harness, services: Services) -> None:
    async def unknown(_: web.Request) -> web.Response:
        return web.json_response({"code": "not_found"}, status=404)

    services["telephony"].answer = unknown
    url = f"/hooks/pbx/{secrets.token_urlsafe(24)}"
    assert (await gateway.client.post(url, content=b"x")).status_code == 404
    assert (await gateway.client.post("/hooks/pbx/short", content=b"x")).status_code == 404
    assert (await gateway.client.post("/hooks/pbx/" + "a" * 200, content=b"x")).status_code == 404
    async with away(services["telephony"]):
        assert (await gateway.client.post(url, content=b"x")).status_code == 503
        assert await parked(gateway) == 0


async def test_a_connection_made_a_moment_ago_works_before_its_copy_came(gateway: Harness, services: Services) -> None:
    url = f"/hooks/pbx/{secrets.token_urlsafe(24)}"
    answer = await gateway.client.post(url, content=b"x")
    assert answer.json() == {"service": "telephony", "path": url}


async def test_strangers_tokens_reach_telephony_ten_times_a_second_at_most(
    gateway: Harness, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1_000.0
    monkeypatch.setattr(hooks_service, "monotonic", lambda: clock)
    upstreams = Upstreams({"telephony": f"http://127.0.0.1:{services['telephony'].port}"})
    hooks = Hooks(
        upstreams,
        Mint(TokenSigner(PRIVATE_KEY)),
        Connections(),
        parking(gateway.runtime.settings.amqp_url),
        Limits(GatewaySettings(rate_stranger=0)),
    )

    async def passed(times: int) -> int:
        count = 0
        for _ in range(times):
            token = secrets.token_urlsafe(24)
            path = f"/hooks/pbx/{token}"
            arrival = Arrival("POST", path, PUBLIC_URL + path, [], b"x", "1.2.3.4", now(), new_id())
            with telling(Story.of_system("test")), suppress(TooMany):
                count += (await hooks.pbx(gateway.runtime, token, "", arrival)).status == 200
        return count

    assert await passed(30) == 10
    clock += 0.5
    assert await passed(30) == 5
    assert len(services["telephony"].requests) == 15
    await upstreams.close()


async def test_a_body_over_256_kib_is_refused_and_nobody_hears_of_it(
    gateway: Harness, services: Services, pbx: Pbx
) -> None:
    limit = 256 * 1024

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 65_536

    assert (await gateway.client.post(pbx.url, content=b"x" * (limit + 1))).status_code == 413
    assert (await gateway.client.post(pbx.url, content=chunks())).status_code == 413
    assert services["telephony"].requests == []
    assert (await gateway.client.post(pbx.url, content=b"x" * limit)).status_code == 200


async def test_a_connection_switched_off_answers_nobody(gateway: Harness, services: Services, pbx: Pbx) -> None:
    await tell(gateway, state(pbx.id, pbx.token, 2, active=False))

    async def gone() -> bool:
        return (await gateway.client.post(pbx.url, content=b"x")).status_code == 404

    await eventually(gone)


async def test_the_copy_keeps_the_newest_whatever_comes_when_and_how_often(
    gateway: Harness, services: Services
) -> None:
    pbx_id, token = new_id(), secrets.token_urlsafe(24)
    versions = {version: state(pbx_id, token, version, answer=str(version)) for version in (3, 4)}
    await tell(gateway, versions[4])
    await arrived(gateway, pbx_id)
    for told in (versions[3], versions[4]):  # each alone, for a batch keeps its newest anyway
        marker = new_id()
        await tell(gateway, told)
        await tell(gateway, state(marker, secrets.token_urlsafe(24), 1))
        await arrived(gateway, marker)
        rows = await gateway.rows("SELECT version, answer_body FROM pbx_connection WHERE id = :id", id=pbx_id)
        assert rows == [{"version": 4, "answer_body": "4"}]


async def test_a_rotated_token_opens_nothing_any_more(gateway: Harness, services: Services, pbx: Pbx) -> None:
    async def unknown(_: web.Request) -> web.Response:
        return web.json_response({"code": "not_found"}, status=404)

    await tell(gateway, state(pbx.id, secrets.token_urlsafe(24), 2))
    services["telephony"].answer = unknown

    async def gone() -> bool:
        return (await gateway.client.post(pbx.url, content=b"x")).status_code == 404

    await eventually(gone)


async def test_receipts_of_an_sms_gateway_go_to_notifications_or_come_again(
    gateway: Harness, services: Services
) -> None:
    path = "/hooks/sms/abcdefghijkl"
    answer = await gateway.client.post(path, content=b"{}", headers={"X-Signature": "s"})
    assert answer.json() == {"service": "notifications", "path": path}
    (seen,) = services["notifications"].requests
    assert (seen.principal.is_system, seen.headers["x-signature"]) == (True, "s")
    async with away(services["notifications"]):
        answer = await gateway.client.post(path, content=b"{}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_signed_in_user_has_no_way_to_the_owners_hooks(
    gateway: Harness, staff: Staff, services: Services, pbx: Pbx
) -> None:
    me = await staff.hire("admin")
    await gateway.client.post(pbx.url, content=b"x", headers=me.headers)
    (seen,) = services["telephony"].requests
    assert seen.principal.is_system
