"""Files on their way to the owner: piece by piece, only where an import begins, and never half as if whole."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import aiohttp
import psutil
import pytest
from aiohttp import web
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually
from crm_gateway.proxy import upstream
from crm_gateway.proxy.rules import MAX_CARD_FILE_BYTES, MAX_FILE_BYTES

from .conftest import FakeService, Staff

Services = dict[str, FakeService]

PEOPLE = "/api/v1/imports/people"
PIECE = b"0123456789abcdef" * 4096


async def pieces(count: int) -> AsyncIterator[bytes]:
    """A file of `count` pieces, whose length is not told."""
    for _ in range(count):
        yield PIECE


def reading(seen: list[web.Request], bodies: list[tuple[int, str]]) -> object:
    """A service that reads a file piece by piece and remembers its size and hash."""

    async def read(request: web.Request) -> web.Response:
        seen.append(request)
        size, digest = 0, hashlib.sha256()
        async for piece in request.content.iter_chunked(65_536):
            size += len(piece)
            digest.update(piece)
        bodies.append((size, digest.hexdigest()))
        return web.json_response({"id": "7"}, status=202, headers={"ETag": '"1"'})

    return read


@pytest.mark.parametrize("length_told", [True, False])
async def test_a_file_of_many_megabytes_reaches_its_owner_byte_for_byte(
    gateway: Harness, staff: Staff, services: Services, address: str, length_told: bool
) -> None:
    me = await staff.hire()
    seen: list[web.Request] = []
    bodies: list[tuple[int, str]] = []
    services["contacts"].takes = reading(seen, bodies)  # type: ignore[assignment]
    count = 20 * 16
    headers = me.headers | {"Content-Type": "text/csv", "Idempotency-Key": "k1"}
    if length_told:
        headers["Content-Length"] = str(count * len(PIECE))
    async with (
        aiohttp.ClientSession() as browser,
        browser.post(f"{address}{PEOPLE}?file_name=a%20b.csv", data=pieces(count), headers=headers) as answer,
    ):
        assert (answer.status, await answer.json(), answer.headers["ETag"]) == (202, {"id": "7"}, '"1"')
    assert bodies == [(count * len(PIECE), hashlib.sha256(PIECE * count).hexdigest())]
    (request,) = seen
    assert request.raw_path == f"{PEOPLE}?file_name=a%20b.csv"
    assert (request.headers["Content-Type"], request.headers["Idempotency-Key"]) == ("text/csv", "k1")
    assert request.headers.get("Content-Length") == (headers["Content-Length"] if length_told else None)


async def test_the_owner_reads_the_beginning_before_the_client_has_sent_the_end(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me, begun = await staff.hire(), asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        size = len(await request.content.readany())
        begun.set()
        return web.json_response({"size": size + len(await request.read())})

    async def slowly() -> AsyncIterator[bytes]:
        yield PIECE
        await begun.wait()
        yield PIECE

    services["deals"].takes = take
    answer = await gateway.client.post("/api/v1/imports/deals", content=slowly(), headers=me.headers)
    assert answer.json() == {"size": 2 * len(PIECE)}


async def test_a_file_that_calls_itself_json_is_passed_on_as_the_bytes_it_is(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    headers = me.headers | {"Content-Type": "application/json"}
    answer = await gateway.client.post(PEOPLE, content=b'{"a":1,"a":2}', headers=headers)
    assert answer.status_code == 200
    assert services["contacts"].requests[0].body == b'{"a":1,"a":2}'
    strict = await gateway.client.post(f"{PEOPLE}/7/check", content=b'{"a":1,"a":2}', headers=headers)
    assert (strict.status_code, len(services["contacts"].requests)) == (422, 1)


async def test_more_than_fifty_megabytes_are_refused_and_no_other_route_takes_more_than_before(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    seen: list[web.Request] = []
    bodies: list[tuple[int, str]] = []
    services["contacts"].takes = reading(seen, bodies)  # type: ignore[assignment]
    told = me.headers | {"Content-Length": str(MAX_FILE_BYTES + 1)}
    declared = await gateway.client.post(PEOPLE, content=b"x", headers=told)
    assert (declared.status_code, seen) == (413, [])
    over = MAX_FILE_BYTES // len(PIECE) + 1
    undeclared = await gateway.client.post(PEOPLE, content=pieces(over), headers=me.headers)
    assert (undeclared.status_code, undeclared.json()["code"]) == (413, "too_large")
    assert bodies == []
    seen.clear()
    for method, path in (
        ("POST", f"{PEOPLE}/7/commit"),
        ("PATCH", f"{PEOPLE}/7"),
        ("PUT", PEOPLE),
        ("POST", "/api/v1/people"),
    ):
        answer = await gateway.client.request(method, path, content=pieces(17), headers=me.headers)
        assert answer.status_code == 413, (method, path)
    assert seen == []


async def test_a_file_just_under_the_bound_goes_through_and_leaves_no_trace_in_memory_and_one_byte_more_is_refused(
    gateway: Harness, staff: Staff, services: Services, address: str
) -> None:
    me = await staff.hire()
    bodies: list[tuple[int, str]] = []
    services["contacts"].takes = reading([], bodies)  # type: ignore[assignment]
    process, taken = psutil.Process(), list[int]()

    async def file(size: int) -> AsyncIterator[bytes]:
        for begin in range(0, size, len(PIECE)):
            taken.append(process.memory_info().rss)
            yield PIECE[: size - begin]

    async with aiohttp.ClientSession() as browser:
        for size in (MAX_FILE_BYTES - 1, MAX_FILE_BYTES):
            async with browser.post(f"{address}{PEOPLE}", data=file(size), headers=me.headers) as answer:
                assert (answer.status, bodies[-1][0]) == (202, size)
        told = {"Content-Length": str(MAX_FILE_BYTES + 1)}
        for headers in (me.headers, me.headers | told):
            async with browser.post(f"{address}{PEOPLE}", data=file(MAX_FILE_BYTES + 1), headers=headers) as answer:
                problem = await answer.json()
                assert (answer.status, problem["code"]) == (413, "too_large")
                assert f"{MAX_FILE_BYTES} bytes" in problem["detail"]
    assert len(bodies) == 2
    # Client, gateway and owner are one process here; what any of them kept of the file would be seen.
    warm = taken[len(taken) // 20]
    assert max(taken) - warm < MAX_FILE_BYTES // 4


async def test_an_owner_that_refuses_at_once_is_heard_before_the_file_is_through(
    gateway: Harness, staff: Staff, services: Services, address: str
) -> None:
    me, never = await staff.hire(), asyncio.Event()

    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"code": "forbidden"}, status=403)

    async def endless() -> AsyncIterator[bytes]:
        yield PIECE
        await never.wait()

    services["contacts"].takes = refuse
    async with (
        aiohttp.ClientSession() as browser,
        browser.post(f"{address}{PEOPLE}", data=endless(), headers=me.headers) as answer,
    ):
        assert answer.status == 403


async def test_a_client_that_leaves_midway_leaves_the_owner_with_a_broken_body_not_a_short_one(
    gateway: Harness, staff: Staff, services: Services, address: str
) -> None:
    me = await staff.hire()
    ends: list[str] = []
    begun, never = asyncio.Event(), asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        begun.set()
        try:
            await request.read()
        except BaseException as error:
            ends.append(type(error).__name__)
            raise
        ends.append("whole")
        return web.Response()

    async def half() -> AsyncIterator[bytes]:
        yield PIECE
        await never.wait()

    services["contacts"].takes = take
    async with aiohttp.ClientSession() as browser:
        sending = asyncio.create_task(browser.post(f"{address}{PEOPLE}", data=half(), headers=me.headers))
        await begun.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    await eventually(lambda: ends)
    assert "whole" not in ends


async def test_an_upload_ends_with_the_session_that_sends_it(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    bodies: list[tuple[int, str]] = []
    services["contacts"].takes = reading([], bodies)  # type: ignore[assignment]

    async def signing_out() -> AsyncIterator[bytes]:
        yield PIECE
        assert (await gateway.client.delete("/api/v1/sessions/current", headers=me.headers)).status_code == 204
        yield PIECE

    answer = await gateway.client.post(PEOPLE, content=signing_out(), headers=me.headers)
    assert (answer.status_code, bodies) == (401, [])


async def test_an_owner_that_stops_reading_is_not_waited_for_for_ever(
    gateway: Harness, staff: Staff, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, never = await staff.hire(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    opened = upstream.Upstreams.open
    monkeypatch.setattr(
        upstream.Upstreams, "open", lambda *given, **named: opened(*given, **named | {"timeout_s": 0.3})
    )
    services["contacts"].takes = hang
    answer = await gateway.client.post(PEOPLE, content=pieces(16 * 40), headers=me.headers)
    assert (answer.status_code, answer.json()["code"]) == (504, "upstream_timeout")
    never.set()


async def test_an_owners_422_to_a_file_is_not_tried_again(gateway: Harness, staff: Staff, services: Services) -> None:
    me = await staff.hire()

    async def unknown(_: web.Request) -> web.Response:
        reference = {"noun": "person", "id": str(new_id())}
        return web.json_response({"code": "unknown_reference", "reference": reference}, status=422)

    services["contacts"].answer = unknown
    answer = await gateway.client.post(PEOPLE, content=b"x", headers=me.headers)
    assert (answer.status_code, len(services["contacts"].requests)) == (422, 1)


async def test_a_file_for_a_deal_is_sent_with_the_word_of_the_deals_owner(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me, shown, hidden, unwell = await staff.hire(), new_id(), new_id(), new_id()
    statuses = {str(shown): 200, str(hidden): 404, str(unwell): 503}

    async def deals(request: web.Request) -> web.Response:
        return web.json_response({}, status=statuses[request.path.rpartition("/")[2]])

    services["deals"].answer = deals
    for id in (shown, hidden, unwell):
        query = {"subject": "deal", "subject_id": str(id), "file_name": "a.png"}
        answer = await gateway.client.post("/api/v1/files", params=query, content=pieces(2), headers=me.headers)
        assert answer.status_code == 200
    person = {"subject": "person", "subject_id": str(new_id()), "file_name": "a.png"}
    await gateway.client.post("/api/v1/files", params=person, content=pieces(2), headers=me.headers)
    taken = services["contacts"].requests
    assert [seen.principal.refs for seen in taken] == [{f"deal/{shown}"}, set(), set(), set()]
    assert {len(seen.body) for seen in taken} == {2 * len(PIECE)}


async def test_a_file_for_a_card_may_have_twenty_five_megabytes(
    gateway: Harness, staff: Staff, services: Services
) -> None:
    me = await staff.hire()
    bodies: list[tuple[int, str]] = []
    services["contacts"].takes = reading([], bodies)  # type: ignore[assignment]
    count = MAX_CARD_FILE_BYTES // len(PIECE)
    fits = await gateway.client.post("/api/v1/files", content=pieces(count), headers=me.headers)
    assert (fits.status_code, bodies) == (202, [(MAX_CARD_FILE_BYTES, hashlib.sha256(PIECE * count).hexdigest())])
    over = await gateway.client.post("/api/v1/files", content=pieces(count + 1), headers=me.headers)
    assert (over.status_code, over.json()["code"]) == (413, "too_large")
    assert over.headers["content-type"] == "application/problem+json"
