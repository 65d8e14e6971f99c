"""Slow, endless, crowding and garbled clients on raw sockets, and that the others are served meanwhile."""

import json
import time
from collections.abc import Callable, Iterator

import asyncpg
import httpx
import pytest
from crm_chassis.access.tokens import new_key_pair
from crm_runner.demo.client import wait_for
from crm_runner.topology import provision

from .door import Door, another_gateway

HEAD_S, BODY_S, STALL_S, IDLE_S, MOST = 1.0, 1.5, 2.0, 3.0, 60
# How much later than told a busy machine may be.
SLACK_S = 6.0
GET = b"GET /health/live HTTP/1.1\r\nHost: crm\r\n\r\n"
SIGN_IN = b"POST /api/v1/sessions HTTP/1.1\r\nHost: crm\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def door(
    make_database: Callable[[str], str], make_vhost: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Door]:
    """A gateway with little patience."""
    database_url, amqp_url = make_database("gateway"), make_vhost()
    provision(amqp_url)
    environment = {
        "CRM_GATEWAY_DATABASE_URL": database_url,
        "CRM_AMQP_URL": amqp_url,
        "CRM_HTTP_HEAD_S": str(HEAD_S),
        "CRM_HTTP_BODY_S": str(BODY_S),
        "CRM_HTTP_STALL_S": str(STALL_S),
        "CRM_HTTP_IDLE_S": str(IDLE_S),
        "CRM_HTTP_CONNECTIONS": str(MOST),
    } | _keys()
    with another_gateway(tmp_path_factory.mktemp("door"), environment) as running:
        yield running


def _keys() -> dict[str, str]:
    private, public = new_key_pair()
    return {"CRM_INTERNAL_PRIVATE_KEY": private, "CRM_INTERNAL_PUBLIC_KEY": public}


def _refused(data: bytes) -> tuple[int, str]:
    """Status and code of a raw refusal, which must be a problem document and the end of the connection."""
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head and b"connection: close" in head.lower(), data
    document = json.loads(body)
    assert int(head.split()[1]) == document["status"]
    return document["status"], document["code"]


def _well(door: Door) -> bool:
    return httpx.get(f"{door.url}/health/ready", timeout=5).status_code == 200


def test_a_head_that_trickles_is_cut_with_408_within_its_time(door: Door) -> None:
    knock = door.knock()
    knock.send(b"GET /health/live HTTP/1.1\r\nHost: crm\r\n")
    assert knock.trickle(b"X-Slow: 1\r\n", 0.2, HEAD_S + SLACK_S) >= HEAD_S * 0.9
    knock = door.knock()
    knock.send(b"GET /health/live HTTP/1.1\r\n")
    assert _refused(knock.rest()) == (408, "request_timeout")


@pytest.mark.parametrize("piece", [b"", b"\r\n"], ids=["nothing", "empty lines"])
def test_a_connection_that_asks_nothing_is_closed(door: Door, piece: bytes) -> None:
    knock = door.knock()
    if piece:
        knock.trickle(piece, 0.2, HEAD_S + SLACK_S)
    else:
        assert knock.rest() == b""
        assert time.monotonic() - knock.opened < HEAD_S + SLACK_S


def test_empty_lines_do_not_keep_an_idle_connection_for_ever(door: Door) -> None:
    knock = door.knock()
    knock.send(GET)
    assert knock.answer()[0] == 200
    knock.trickle(b"\r\n", 0.2, HEAD_S + IDLE_S + SLACK_S)


def test_an_idle_connection_is_kept_for_its_time_and_no_longer(door: Door) -> None:
    knock = door.knock()
    for _ in range(3):
        knock.send(GET)
        assert knock.answer()[0] == 200
    idle_since = time.monotonic()
    assert knock.rest() == b""
    assert IDLE_S * 0.9 <= time.monotonic() - idle_since < IDLE_S + SLACK_S


def test_a_body_that_trickles_is_408_and_holds_neither_worker_nor_database(door: Door) -> None:
    """As many tricklers as would fill any pool; everybody else is served meanwhile."""
    knocks = [door.knock() for _ in range(30)]
    for knock in knocks:
        assert knock.send(SIGN_IN + b'Content-Length: 1000\r\n\r\n{"email"')
    until = time.monotonic() + BODY_S * 0.6
    answered = 0
    while time.monotonic() < until:
        assert _well(door)
        answered += 1
        for knock in knocks:
            knock.send(b" ")
    assert answered > 1
    for knock in knocks:
        status, headers, body = knock.answer()
        assert (status, json.loads(body)["code"]) == (408, "request_timeout")
        assert headers["connection"] == "close"
        assert headers["x-content-type-options"] == "nosniff"
        knock.close()


async def test_a_trickled_body_never_opens_a_transaction(door: Door, make_database: Callable[[str], str]) -> None:
    knocks = [door.knock() for _ in range(10)]
    for knock in knocks:
        knock.send(SIGN_IN + b"Content-Length: 1000\r\n\r\n{")
    assert _well(door)  # by now they have all arrived
    connection = await asyncpg.connect(make_database("observer"))
    try:
        held = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crm-gateway' AND state LIKE 'idle in%'"
        )
    finally:
        await connection.close()
    assert held == 0
    for knock in knocks:
        knock.close()


def test_a_chunked_body_over_the_cap_is_413_however_it_is_cut(door: Door) -> None:
    knock = door.knock()
    knock.send(SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    for _ in range(17):
        if not knock.send(chunk):
            break
    status, _, body = knock.answer()
    assert (status, json.loads(body)["code"]) == (413, "too_large")


def test_a_refused_body_is_heard_out_for_a_while_so_that_the_answer_is_read_and_then_cut(door: Door) -> None:
    knock = door.knock()
    knock.send(SIGN_IN + b"Content-Length: 2000000\r\n\r\n")
    status, headers, _ = knock.answer()
    assert status == 413
    assert "content-security-policy" in headers
    knock.trickle(b"x", 0.2, 5 + SLACK_S)
    endless = door.knock()
    endless.send(SIGN_IN + b"Content-Length: 99999999999\r\n\r\n")
    assert endless.answer()[0] == 413
    for _ in range(1_000):
        if not endless.send(b"x" * 65_536):
            break
    else:
        pytest.fail("64 MB nobody wanted were taken")


def test_the_next_request_follows_a_refused_body_that_ends(door: Door) -> None:
    knock = door.knock()
    knock.send(SIGN_IN + b"Content-Length: 1200000\r\n\r\n")
    assert knock.answer()[0] == 413
    knock.send(b"x" * 1_200_000)
    knock.send(GET)
    assert knock.answer()[0] == 200


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: crm\r\n\r\n", (414, "target_too_long")),
        (b"GET /?" + b"a" * 20_000, (414, "target_too_long")),
        (
            b"GET / HTTP/1.1\r\nHost: crm\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(120)) + b"\r\n",
            (431, "headers_too_large"),
        ),
        (b"GET / HTTP/1.1\r\nHost: crm\r\nX-Big: " + b"a" * 40_000 + b"\r\n\r\n", (431, "headers_too_large")),
        (b"GET / HTTP/1.1\r\nHost: crm\r\nX-Endless: " + b"a" * 40_000, (431, "headers_too_large")),
        (b"GET / HTTP/1.1\r\n\r\n", (400, "bad_request")),
        (b"GET / HTTP/1.1\r\nHost: crm\r\nHost: evil\r\n\r\n", (400, "bad_request")),
        (b"nonsense\r\n\r\n", (400, "bad_request")),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400, "bad_request")),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: crm\r\n\r\n", (400, "bad_request")),
        (b"GET / HTTP/9.9\r\nHost: crm\r\n\r\n", (400, "bad_request")),
        (b"GET / HTTP/1.1\r\nHost: crm\r\nBad Header: 1\r\n\r\n", (400, "bad_request")),
        (SIGN_IN + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", (400, "bad_request")),
        (SIGN_IN + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400, "bad_request")),
        (SIGN_IN + b"Content-Length: -1\r\n\r\n", (400, "bad_request")),
        (SIGN_IN + b"Content-Length: 0x10\r\n\r\n", (400, "bad_request")),
        (SIGN_IN + b"Transfer-Encoding: gzip, chunked, gzip\r\n\r\n", (400, "bad_request")),
        (SIGN_IN + b"Content-Length: 999999999999999999999999\r\n\r\n", (400, "bad_request")),
    ],
)
def test_a_garbled_or_oversized_head_is_refused_and_the_connection_closed(
    door: Door, request_bytes: bytes, expected: tuple[int, str]
) -> None:
    knock = door.knock()
    knock.send(request_bytes)
    assert _refused(knock.rest()) == expected


@pytest.mark.parametrize(
    "tail",
    [b"zz\r\nhello\r\n0\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n", b"fffffffffffffffff\r\n"],
)
def test_a_garbled_chunk_ends_the_connection(door: Door, tail: bytes) -> None:
    knock = door.knock()
    knock.send(SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n" + tail)
    assert b" 200 " not in knock.rest()
    assert time.monotonic() - knock.opened < BODY_S + SLACK_S


def test_what_follows_a_body_in_the_manner_of_headers_is_no_header(door: Door) -> None:
    knock = door.knock()
    trailers = b"".join(b"X-Trailer-%d: %s\r\n" % (n, b"a" * 100) for n in range(500))
    correlation = b"X-Correlation-ID: 11111111-1111-4111-8111-111111111111\r\n"
    knock.send(SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + correlation + trailers + b"\r\n")
    status, headers, _ = knock.answer()
    assert status == 422
    assert headers["x-correlation-id"] != "11111111-1111-4111-8111-111111111111"


def test_a_body_shorter_than_announced_is_waited_for_and_no_longer(door: Door) -> None:
    knock = door.knock()
    knock.send(SIGN_IN + b"Content-Length: 50\r\n\r\n{}")
    assert knock.answer()[0] == 408
    assert time.monotonic() - knock.opened < BODY_S + SLACK_S


def test_a_body_longer_than_announced_is_no_second_request(door: Door) -> None:
    knock = door.knock()
    knock.send(SIGN_IN + b"Content-Length: 2\r\n\r\n{}garbage that follows\r\n\r\n")
    data = knock.rest()
    assert data.count(b"HTTP/1.1 ") <= 2
    assert b" 200 " not in data


def test_pipelined_requests_are_answered_in_order_and_a_flood_of_them_is_cut(door: Door) -> None:
    knock = door.knock()
    knock.send(GET + GET.replace(b"live", b"ready") + GET.replace(b"/health/live", b"/nowhere"))
    assert [knock.answer()[0] for _ in range(2)] == [200, 200]
    flood = door.knock()
    flood.send(GET * 2_000)
    assert flood.rest().count(b"HTTP/1.1 200") < 2_000
    assert _well(door)


def test_many_idle_connections_make_room_for_new_ones(door: Door) -> None:
    crowd = []
    for _ in range(MOST * 2):
        knock = door.knock(timeout=5)
        knock.send(GET)
        crowd.append(knock)
    assert _well(door)
    wait_for("room", lambda: sum(knock.is_closed() for knock in crowd) >= MOST, timeout=IDLE_S / 2)
    fresh = door.knock()
    fresh.send(GET)
    assert fresh.answer()[0] == 200
    for knock in [*crowd, fresh]:
        knock.close()


def test_a_client_that_does_not_read_its_answers_is_cut(door: Door) -> None:
    """The API's own document is large enough to fill what sockets hold when it is asked for again and again."""
    knock = door.knock()
    knock.socket.settimeout(STALL_S + SLACK_S)
    ask = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: crm\r\n\r\n"
    size = len(httpx.get(f"{door.url}/api/v1/openapi.json").content)
    assert size > 50_000
    for _ in range(31):
        knock.send(ask)
    assert _well(door)
    try:
        wait_for("the cut", lambda: not knock.send(ask), timeout=STALL_S + SLACK_S + IDLE_S)
    except TimeoutError:
        pytest.fail("the connection of a client that does not read is kept")


def test_nonsense_does_not_fill_the_log(door: Door) -> None:
    before = len(door.lines())
    for _ in range(20):
        knock = door.knock()
        knock.send(b"nonsense\r\n\r\n")
        knock.rest()
    assert len(door.lines()) == before
    assert [line for line in door.lines() if line["level"] == "error"] == []
