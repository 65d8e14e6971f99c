"""Wrong passwords: counted for all processes, the same for known and unknown, and nobody locked out for ever."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa
from argon2 import extract_parameters
from argon2.low_level import Type
from crm_chassis.clock import now
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually
from crm_gateway.guesses import repository, service
from crm_gateway.guesses.models import password_guess
from crm_gateway.guesses.rules import (
    AT_ACCOUNT,
    AT_ONE_ACCOUNT,
    FORGET_AFTER,
    FROM_ADDRESS,
    Count,
    Counter,
    Patience,
    counters,
    wait_s,
)
from crm_gateway.passwords import Passwords
from crm_gateway.settings import GatewaySettings
from crm_gateway.users.models import user_account
from hypothesis import given
from hypothesis import strategies as st
from pwdlib import PasswordHash
from pydantic import ValidationError
from sqlalchemy.pool import AsyncAdaptedQueuePool

from .conftest import PASSWORD, Staff

SIGN_IN = "/api/v1/sessions"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PATIENCES = st.sampled_from([AT_ONE_ACCOUNT, AT_ACCOUNT, FROM_ADDRESS])


def test_five_guesses_are_free_and_each_further_one_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_s(Count(count, NOW), AT_ONE_ACCOUNT, NOW) for count in range(12)]
    assert waits == [0] * 5 + [30, 60, 120, 240, 480, 900, 900]


def test_nobody_elsewhere_makes_an_owner_wait_longer_than_a_minute() -> None:
    for patience in (AT_ACCOUNT, FROM_ADDRESS):
        assert max(wait_s(Count(count, NOW), patience, NOW) for count in range(10_000)) == 60


@given(PATIENCES, st.integers(0, 10_000), st.integers(0, 3600))
def test_waiting_as_told_is_always_enough_and_never_longer_than_its_bound(
    patience: Patience, count: int, early: int
) -> None:
    counted = Count(count, NOW)
    wait = wait_s(counted, patience, NOW)
    assert wait <= patience.longest.total_seconds()
    assert wait_s(counted, patience, NOW + timedelta(seconds=wait)) == 0
    if early < wait:
        assert wait_s(counted, patience, NOW + timedelta(seconds=early)) == wait - early
    assert wait_s(counted, patience, NOW + FORGET_AFTER + timedelta(seconds=1)) == 0


def test_what_is_counted_names_nobody_and_a_familiar_address_only_itself() -> None:
    strange = counters("192.0.2.1", "anna@example.com", familiar=False)
    assert [counter.patience for counter in strange] == [AT_ONE_ACCOUNT, AT_ACCOUNT, FROM_ADDRESS]
    assert counters("192.0.2.1", "anna@example.com", familiar=True) == strange[:1]
    assert len({counter.key for counter in strange}) == 3
    assert all(b"anna" not in counter.key and b"192" not in counter.key for counter in strange)
    assert strange[1] == counters("192.0.2.2", "anna@example.com", familiar=False)[1]
    assert strange[2] == counters("192.0.2.1", "borut@example.com", familiar=False)[2]


@pytest.mark.parametrize("memory_mib", [GatewaySettings.model_fields["password_memory_mib"].default, 19])
async def test_a_password_is_hashed_with_argon2id_as_owasp_asks_at_least(memory_mib: int) -> None:
    kept = await Passwords(memory_mib).hash(PASSWORD)
    found = extract_parameters(kept)
    assert found.type is Type.ID
    # https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: 19 MiB, two rounds, one lane.
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2
    assert found.salt_len >= 16
    assert PASSWORD not in kept
    assert kept != await Passwords(memory_mib).hash(PASSWORD)
    with pytest.raises(ValidationError):
        GatewaySettings(password_memory_mib=18)


def _answer(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, object]]:
    """What an answer tells, without what is its own each time."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-correlation-id", "date")}
    assert 1 <= int(headers.pop("retry-after", "1")) <= 30  # counted down while the test goes on
    document = answer.json()
    del document["correlation_id"]
    return answer.status_code, headers, document


async def test_known_unknown_and_gone_users_can_not_be_told_apart_from_the_first_guess_to_the_wait(
    gateway: Harness, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statuses, headers, bodies, the wait, and the work done: one argon2 verification each, of the same cost."""
    work: list[str] = []

    def counted(self: PasswordHash, password: str, kept: str) -> bool:
        work.append(kept.rpartition("$")[0].rpartition("$")[0])
        return real(self, password, kept)

    real = PasswordHash.verify
    monkeypatch.setattr(PasswordHash, "verify", counted)
    _, known = await staff.user()
    gone_id, gone = await staff.user()
    async with gateway.database.transaction() as tx:
        await tx.execute(sa.update(user_account).where(user_account.c.id == gone_id).values(active=False))
    _, once = await staff.user(one_time=True)
    told = {}
    for email in (known, f"{new_id().hex}@example.com", gone, once):
        work.clear()
        body = {"email": email, "password": "wrong password"}
        answers = [_answer(await gateway.client.post(SIGN_IN, json=body)) for _ in range(7)]
        told[email] = (answers, list(work))
    first = told[known]
    assert [answer[0] for answer in first[0]] == [401] * 5 + [429] * 2
    assert len(first[1]) == 5 and len(set(first[1])) == 1
    assert first[1][0].startswith("$argon2id$v=19$m=")
    assert all(each == first for each in told.values())


async def test_the_sixth_guess_must_wait_even_with_the_right_password_and_in_every_process(
    gateway: Harness, staff: Staff
) -> None:
    _, email = await staff.user()
    for _ in range(5):
        answer = await gateway.client.post(SIGN_IN, json={"email": email, "password": "wrong"})
        assert answer.status_code == 401
    answer = await gateway.client.post(SIGN_IN, json={"email": email, "password": PASSWORD})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 30
    _, other = await staff.user()
    assert await staff.sign_in(other)


async def test_guesses_sent_at_once_do_not_all_pass_before_the_first_has_failed(gateway: Harness, staff: Staff) -> None:
    _, email = await staff.user()
    answers = await asyncio.gather(
        *(gateway.client.post(SIGN_IN, json={"email": email, "password": f"wrong {n}"}) for n in range(15))
    )
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 10


async def test_signing_in_forgets_ones_own_wrong_guesses(gateway: Harness, staff: Staff) -> None:
    _, email = await staff.user()
    for _ in range(3):
        for _ in range(4):
            await gateway.client.post(SIGN_IN, json={"email": email, "password": "wrong"})
        assert await staff.sign_in(email)


async def test_a_guess_distributed_over_many_addresses_is_slowed_and_the_owners_own_place_is_not(
    gateway: Harness, staff: Staff
) -> None:
    _, email = await staff.user()
    assert await staff.sign_in(email)  # from 127.0.0.1, which is familiar from now on
    told = []
    for number in range(AT_ACCOUNT.free + 3):
        async with gateway.database.transaction() as tx:
            strange = counters(f"198.51.100.{number}", email, familiar=False)
            told.append(await service.begin(tx, strange, now()))
    assert told[: AT_ACCOUNT.free] == [0] * AT_ACCOUNT.free
    assert all(0 < wait <= 60 for wait in told[AT_ACCOUNT.free :])
    assert await staff.sign_in(email)


async def test_one_password_sprayed_over_many_accounts_is_slowed(gateway: Harness) -> None:
    told = []
    for _ in range(FROM_ADDRESS.free + 2):
        async with gateway.database.transaction() as tx:
            strange = counters("203.0.113.7", f"{new_id().hex}@example.com", familiar=False)
            told.append(await service.begin(tx, strange, now()))
    assert told[: FROM_ADDRESS.free] == [0] * FROM_ADDRESS.free
    assert all(0 < wait <= 60 for wait in told[FROM_ADDRESS.free :])


async def test_waiting_is_not_made_longer_by_asking_again_and_it_ends(gateway: Harness) -> None:
    mine = counters("203.0.113.8", f"{new_id().hex}@example.com", familiar=True)
    at = now()

    async def begin(later: int) -> int:
        async with gateway.database.transaction() as tx:
            return await service.begin(tx, mine, at + timedelta(seconds=later))

    assert [await begin(0) for _ in range(5)] == [0] * 5
    assert [await begin(second) for second in (0, 10, 20, 29)] == [30, 20, 10, 1]
    assert await begin(30) == 0
    assert await begin(30) == 60


async def test_a_success_takes_back_only_its_own_count(gateway: Harness) -> None:
    email = f"{new_id().hex}@example.com"
    strange = counters("203.0.113.9", email, familiar=False)
    async with gateway.database.transaction() as tx:
        for _ in range(4):
            await service.begin(tx, strange, now())
        await service.succeeded(tx, strange, now())
        left = {bytes(row.key): row.guesses for row in await repository.lock(tx, [c.key for c in strange], now())}
    assert [left[counter.key] for counter in strange] == [0, 3, 3]


async def test_the_table_of_guesses_is_swept_and_never_grows_beyond_its_bound(gateway: Harness) -> None:
    old, young, youngest = [Counter(bytes([n]) * 32, AT_ONE_ACCOUNT) for n in (1, 2, 3)]
    async with gateway.database.transaction() as tx:
        for counter, at in (
            (old, now() - FORGET_AFTER - timedelta(seconds=5)),
            (young, now() + timedelta(hours=1)),
            (youngest, now() + timedelta(hours=2)),
        ):
            await service.begin(tx, [counter], at)
        await repository.sweep(tx, now() - FORGET_AFTER)
        kept = {bytes(key) for key in (await tx.execute(_ALL)).scalars()}
        assert old.key not in kept and {young.key, youngest.key} <= kept
        await repository.sweep(tx, now() - FORGET_AFTER, most=1)
        assert [bytes(key) for key in (await tx.execute(_ALL)).scalars()] == [youngest.key]


_ALL = sa.select(password_guess.c.key)


async def test_ones_current_password_can_not_be_guessed_with_a_stolen_session(gateway: Harness, staff: Staff) -> None:
    me = await staff.hire()
    body = {"current_password": "wrong", "new_password": "another good one"}
    told = [
        (await gateway.client.post("/api/v1/users/me/password", json=body, headers=me.headers)).status_code
        for _ in range(6)
    ]
    assert told == [422] * 5 + [429]
    right = body | {"current_password": PASSWORD}
    answer = await gateway.client.post("/api/v1/users/me/password", json=right, headers=me.headers)
    assert answer.status_code == 429


async def test_passwords_under_work_hold_no_connections(
    gateway: Harness, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More changes of passwords, and sign-ins, at once than the pool has connections; others are served meanwhile."""
    me, other = await staff.hire(), await staff.hire()
    pool = gateway.database.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    at_rest = 2  # the relay holds one for good, and a loop may be at work
    released = asyncio.Event()
    working = 0

    async def verify(self: Passwords, password: str, kept: str | None) -> bool:
        nonlocal working
        working += 1
        await released.wait()
        return False

    monkeypatch.setattr(Passwords, "verify", verify)
    monkeypatch.setattr(service, "begin", _no_wait)
    body = {"current_password": PASSWORD, "new_password": "another good one"}
    asked = [
        asyncio.create_task(gateway.client.post("/api/v1/users/me/password", json=body, headers=me.headers))
        for _ in range(15)
    ] + [
        asyncio.create_task(gateway.client.post(SIGN_IN, json={"email": me.email, "password": "x"})) for _ in range(15)
    ]
    await eventually(lambda: working == len(asked))
    await eventually(lambda: pool.checkedout() <= at_rest)
    assert (await gateway.client.get("/api/v1/users", headers=other.headers)).status_code == 200
    released.set()
    assert {(await task).status_code for task in asked} == {401, 422}


async def _no_wait(*_: object) -> int:
    return 0
