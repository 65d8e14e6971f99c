"""Token buckets, and who is counted how."""

from collections.abc import Iterator
from ipaddress import ip_network
from uuid import UUID

import httpx
import pytest
from crm_chassis.ids import new_id
from crm_chassis.problems import TooMany
from crm_chassis.testing import Harness
from crm_gateway.rates import limits as limits_module
from crm_gateway.rates import rules
from crm_gateway.rates.limits import Limits, StrangerLimit, neighbourhood
from crm_gateway.rates.rules import Buckets
from crm_gateway.settings import GatewaySettings
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from .conftest import Staff

RATES = st.floats(0.1, 20, allow_nan=False)
BURSTS = st.integers(1, 20)
GAPS = st.lists(st.floats(0, 5, allow_nan=False), max_size=12)


@given(RATES, BURSTS, GAPS)
def test_never_more_pass_than_the_burst_and_what_the_rate_adds(rate: float, burst: int, gaps: list[float]) -> None:
    buckets, now, passed = Buckets(rate, burst), 0.0, []
    for gap in gaps:
        now += gap
        passed += [now for _ in range(burst + 3) if buckets.take("key", now) == 0]
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= burst + rate * (passed[last] - passed[first]) + 1e-6


@given(RATES, BURSTS, GAPS)
def test_waiting_as_told_is_always_enough(rate: float, burst: int, gaps: list[float]) -> None:
    buckets, now = Buckets(rate, burst), 0.0
    for gap in gaps:
        now += gap
        while (wait := buckets.take("key", now)) == 0:
            pass
        now += wait
        assert buckets.take("key", now) == 0


@given(BURSTS, st.integers(1, 40))
def test_a_key_not_heard_of_has_its_whole_burst_whatever_others_did(burst: int, others: int) -> None:
    buckets = Buckets(1.0, burst)
    for number in range(others):
        while buckets.take(number, 0.0) == 0:
            pass
    assert [buckets.take("new", 0.0) for _ in range(burst)] == [0] * burst
    assert buckets.take("new", 0.0) == 1


def test_what_turned_out_not_to_count_is_given_back_and_never_more() -> None:
    buckets = Buckets(1.0, 2)
    assert buckets.take("key", 0.0) == 0
    for _ in range(5):
        buckets.give_back("key")
    buckets.give_back("never heard of")
    assert [buckets.take("key", 0.0) for _ in range(3)] == [0, 0, 1]


def test_a_rate_of_nothing_lets_everything_pass_and_remembers_nobody() -> None:
    buckets = Buckets(0, 1)
    assert {buckets.take(number % 7, 0.0) for number in range(1_000)} == {0}
    assert not buckets._levels


def test_never_more_keys_are_remembered_than_the_bound_and_a_busy_one_is_not_forgotten() -> None:
    buckets = Buckets(1.0, 1)
    for number in range(rules.MAX_KEYS * 2):
        buckets.take("busy", 0.0)
        buckets.take(number, 0.0)
    assert len(buckets._levels) == rules.MAX_KEYS
    assert buckets.take("busy", 0.0) == 1


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    buckets = Buckets(1.0, 1)
    assert buckets.take("key", 100.0) == 0
    assert buckets.take("key", 50.0) == 1
    assert buckets.take("key", 100.5) == 1


def test_an_address_of_ipv6_is_its_household() -> None:
    assert neighbourhood("192.0.2.1") == "192.0.2.1"
    assert neighbourhood("::ffff:192.0.2.1") == "192.0.2.1"
    assert neighbourhood("2001:db8:1:2:aaaa::1") == neighbourhood("2001:db8:1:2:bbbb::9")
    assert neighbourhood("2001:db8:1:2::1") != neighbourhood("2001:db8:1:3::1")
    assert neighbourhood("") == ""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds the limits go by."""
    seconds = [1_000.0]
    monkeypatch.setattr(limits_module, "monotonic", lambda: seconds[0])
    yield seconds


def test_users_tokens_and_hooks_are_counted_each_for_themselves(clock: list[float]) -> None:
    limits = Limits(GatewaySettings(burst_user=2, burst_token=3, burst_hook=4, rate_user=1, rate_token=1, rate_hook=1))

    def passed(take: object, key: object) -> int:
        count = 0
        while count < 100:
            try:
                take(key)  # type: ignore[operator]
            except TooMany as refused:
                assert refused.headers["Retry-After"] == "1"
                return count
            count += 1
        return count

    anna, boris = new_id(), new_id()
    assert [passed(limits.user, anna), passed(limits.user, boris), passed(limits.user, anna)] == [2, 2, 0]
    assert [passed(limits.token, anna), passed(limits.hook, "a-token"), passed(limits.hook, "another")] == [3, 4, 4]
    clock[0] += 1
    assert passed(limits.user, anna) == 1


async def _statuses(client: httpx.AsyncClient, times: int, path: str = "/x") -> list[int]:
    return [(await client.get(path)).status_code for _ in range(times)]


async def test_strangers_are_counted_by_address_before_any_work_and_told_when_to_come_again(clock: list[float]) -> None:
    settings = GatewaySettings(burst_stranger=3, rate_stranger=1, trusted_proxies=(ip_network("10.0.0.0/8"),))
    known = "known"

    def knows(connection: HTTPConnection) -> bool:
        return connection.headers.get("authorization") == known

    app = StrangerLimit(Starlette(), limits=Limits(settings), knows=knows)

    def client(address: str, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://crm", headers=headers)

    assert await _statuses(client("192.0.2.1"), 5) == [404] * 3 + [429] * 2
    assert await _statuses(client("192.0.2.2"), 1) == [404]
    assert await _statuses(client("192.0.2.1", Authorization=known), 10) == [404] * 10
    assert await _statuses(client("192.0.2.1", **{"X-Forwarded-For": "192.0.2.9"}), 1) == [429]
    assert await _statuses(client("10.0.0.1", **{"X-Forwarded-For": "192.0.2.9"}), 4) == [404] * 3 + [429]
    for free in ("/health/live", "/hooks/pbx/some-token"):
        assert await _statuses(client("192.0.2.1"), 5, free) == [404] * 5
    refused = await client("192.0.2.1").get("/x")
    assert (refused.headers["retry-after"], refused.json()["code"]) == ("1", "too_many_requests")
    assert refused.headers["content-type"] == "application/problem+json"
    clock[0] += 2
    assert await _statuses(client("192.0.2.1"), 3) == [404, 404, 429]


async def test_a_burst_of_five_hundred_passes_and_no_session_counts_for_its_address(
    gateway: Harness, staff: Staff
) -> None:
    me = await staff.hire()
    answers = [await gateway.client.get("/api/v1/sessions/current", headers=me.headers) for _ in range(400)]
    assert {answer.status_code for answer in answers} == {200}
    assert UUID(answers[0].json()["user"]["id"]) == me.id


async def test_a_token_beyond_its_burst_is_429_with_retry_after_and_others_are_not(
    gateway: Harness, staff: Staff
) -> None:
    me, other = await staff.hire(), await staff.hire()
    for _ in range(2_000):
        answer = await gateway.client.get("/api/v1/sessions/current", headers=me.headers)
        if answer.status_code == 429:
            break
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await gateway.client.get("/api/v1/sessions/current", headers=other.headers)).status_code == 200


async def test_made_up_tokens_of_one_address_soon_reach_no_database(gateway: Harness) -> None:
    transport = httpx.ASGITransport(gateway.app, client=("198.51.100.77", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.example") as client:
        codes: list[int] = []
        while codes[-1:] != [429] and len(codes) < 1_000:  # the allowance grows again while a busy machine is asking
            headers = {"Authorization": f"Bearer made-up-{len(codes)}"}
            codes.append((await client.get("/api/v1/users", headers=headers)).status_code)
    assert codes[:200] == [401] * 200
    assert codes[-1] == 429
