"""A service on real PostgreSQL and RabbitMQ: what the chassis promises every service."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sample
import sqlalchemy as sa
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.schedule import schedule
from crm_chassis.testing import Harness, admin, eventually, nobody, salesperson
from crm_contracts import gateway
from crm_contracts.envelope import Envelope, Lane

NOUNS = ("thing",)


async def test_a_created_thing_reaches_copy_fact_and_effect_exactly_once(harness: Harness) -> None:
    caller = admin(NOUNS)
    answer = await harness.client.post("/api/v1/things", json={"name": "one"}, headers=harness.headers(caller))
    assert answer.status_code == 201
    id = answer.json()["id"]
    await eventually(lambda: harness.rows("SELECT 1 FROM thing_copy WHERE id = :id AND name = 'one'", id=id))
    rows = await eventually(lambda: harness.rows("SELECT event_id FROM effect WHERE name = 'one'"))
    assert len(rows) == 1
    (created,) = [e for e in await harness.recorded(sample.CHANGED) if str(e.subject_id) == id]
    acted = [e for e in await harness.recorded("sample.thing.acted.v1") if e.causationid == created.id]
    assert len(acted) == 1
    assert acted[0].correlationid == created.correlationid
    assert str(created.correlationid) == answer.headers["x-correlation-id"]
    assert (acted[0].hops, acted[0].actor, created.actor) == (1, "system:sample", f"user:{caller.id}")
    assert created.recordedtime.microsecond or created.recordedtime >= created.time - timedelta(seconds=5)


async def test_a_redelivered_event_changes_nothing(harness: Harness) -> None:
    event = harness.event(sample.CHANGED, {"id": str(new_id()), "name": "again"}, subject="thing", id=new_id())
    await harness.deliver(event, event, event)
    await eventually(lambda: harness.rows("SELECT 1 FROM effect WHERE event_id = :id", id=event.id))
    await harness.idle("sample.effects", "sample.facts")
    assert len(await harness.rows("SELECT 1 FROM effect WHERE event_id = :id", id=event.id)) == 1
    assert len(await harness.rows("SELECT 1 FROM fact WHERE event_id = :id", id=event.id)) == 1


async def test_version_four_before_three_keeps_four(harness: Harness) -> None:
    id = new_id()
    for sequence, name in ((4, "four"), (3, "three")):
        state = {"id": str(id), "name": name}
        await harness.deliver(harness.event(sample.CHANGED, state, subject="thing", id=id, sequence=sequence))
    await eventually(lambda: harness.rows("SELECT 1 FROM fact WHERE name = 'three'"))
    await harness.idle("sample.things")
    assert (await harness.rows("SELECT name FROM thing_copy WHERE id = :id", id=id))[0]["name"] == "four"


async def test_replayed_bulk_and_late_events_have_no_effect(harness: Harness) -> None:
    long_ago = now() - timedelta(days=2)

    def thing(name: str, **how: Any) -> Envelope:
        # Whole, so that nothing but the gate can keep it from having its effect.
        return harness.event(sample.CHANGED, {"name": name, "id": str(new_id())}, subject="thing", id=new_id(), **how)

    await harness.deliver(
        thing("replayed", replay=True),
        thing("bulky", lane=Lane.BULK),
        thing("late", time=long_ago, recordedtime=now()),
        thing("prompt"),
    )
    await eventually(lambda: harness.rows("SELECT 1 FROM effect WHERE name = 'prompt'"))
    await harness.idle("sample.effects")
    assert not await harness.rows("SELECT 1 FROM effect WHERE name IN ('replayed', 'bulky', 'late')")


async def test_a_refused_request_leaves_no_row_and_no_event(harness: Harness) -> None:
    before = len(await harness.recorded())
    headers = harness.headers(admin(NOUNS))
    for body, status in (({"name": "fails late"}, 404), ({"name": "x", "who": "me"}, 422), ({"name": "\x00"}, 422)):
        answer = await harness.client.post("/api/v1/things", json=body, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
    assert len(await harness.recorded()) == before
    assert not await harness.rows("SELECT 1 FROM thing WHERE name = 'fails late'")


async def test_without_a_token_or_a_grant_nothing_is_done(harness: Harness) -> None:
    assert (await harness.client.get("/api/v1/things")).status_code == 401
    assert (await harness.client.get("/api/v1/things", headers={"Authorization": "Bearer x.y.z"})).status_code == 401
    refused = await harness.client.post("/api/v1/things", json={"name": "n"}, headers=harness.headers(nobody()))
    assert refused.status_code == 403
    listed = await harness.client.get("/api/v1/things", headers=harness.headers(nobody()))
    assert (listed.status_code, listed.json()["items"]) == (200, [])


async def test_an_idempotency_key_gives_the_first_answer_again(harness: Harness) -> None:
    headers = harness.headers(admin(NOUNS), Idempotency_Key="key-1")
    answers = await asyncio.gather(
        *(harness.client.post("/api/v1/things", json={"name": "once"}, headers=headers) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["etag"] for answer in answers} == {'"1"'}
    assert len(await harness.rows("SELECT 1 FROM thing WHERE name = 'once'")) == 1
    other = await harness.client.post("/api/v1/things", json={"name": "twice"}, headers=headers)
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")


async def test_a_change_needs_the_current_version(harness: Harness) -> None:
    caller = salesperson(NOUNS)
    made = await harness.client.post("/api/v1/things", json={"name": "v"}, headers=harness.headers(caller))
    path = f"/api/v1/things/{made.json()['id']}"
    assert (await harness.client.patch(path, json={"name": "w"}, headers=harness.headers(caller))).status_code == 428
    good = harness.headers(caller, If_Match='"1"')
    assert (await harness.client.patch(path, json={"name": "w"}, headers=good)).status_code == 200
    stale = await harness.client.patch(path, json={"name": "u"}, headers=good)
    assert (stale.status_code, stale.json()["current"]["version"]) == (409, 2)
    foreign = harness.headers(salesperson(NOUNS), If_Match='"2"')
    assert (await harness.client.patch(path, json={"name": "u"}, headers=foreign)).status_code == 404


async def test_pages_follow_each_other_without_gap_or_repetition(harness: Harness) -> None:
    caller = salesperson(NOUNS)
    for name in ("b", "a", "c", "a", "b"):
        await harness.client.post("/api/v1/things", json={"name": name}, headers=harness.headers(caller))
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        answer = (await harness.client.get("/api/v1/things", params=query, headers=harness.headers(caller))).json()
        seen += [item["name"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == ["a", "a", "b", "b", "c"]
    for wrong in ("%%%", "eyJhIjoxfQ", "W10", "bnVsbA"):
        refused = await harness.client.get("/api/v1/things", params={"cursor": wrong}, headers=harness.headers(caller))
        assert refused.status_code == 422
    unknown = await harness.client.get("/api/v1/things", params={"colour": "x"}, headers=harness.headers(caller))
    assert unknown.status_code == 422


async def test_a_body_over_the_cap_is_refused_however_it_is_sent(harness: Harness) -> None:
    headers = harness.headers(admin(NOUNS), Content_Type="application/json")

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"name":"'
        for _ in range(20):
            yield b"x" * 65536
        yield b'"}'

    declared = await harness.client.post("/api/v1/things", content=b"x" * 1_100_000, headers=headers)
    chunked = await harness.client.post("/api/v1/things", content=chunks(), headers=headers)
    assert (declared.status_code, chunked.status_code) == (413, 413)


async def test_a_failing_handler_climbs_the_ladder_and_the_others_go_on(harness: Harness) -> None:
    bad = harness.event(sample.CHANGED, {"name": "poisonous"}, subject="thing", id=new_id())
    good = harness.event(sample.CHANGED, {"name": "healthy", "id": str(new_id())}, subject="thing", id=new_id())
    await harness.deliver(bad, good)
    await eventually(lambda: harness.rows("SELECT 1 FROM effect WHERE name = 'healthy'"))
    assert not await harness.rows("SELECT 1 FROM inbox WHERE event_id = :id", id=bad.id)
    assert not await harness.rows("SELECT 1 FROM dead_letter WHERE event_id = :id", id=bad.id)


async def test_a_message_that_failed_once_is_handled_on_the_first_step_of_the_ladder(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "failures_left", 1)
    event = harness.event(sample.CHANGED, {"name": "flaky", "id": str(new_id())}, subject="thing", id=new_id())
    await harness.deliver(event)
    rows = await eventually(lambda: harness.rows("SELECT 1 FROM effect WHERE name = 'flaky'"))
    assert len(rows) == 1
    assert sample.failures_left == 0, "it did not fail first: the test proves nothing"


async def test_what_an_error_logs_holds_no_personal_data(harness: Harness, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "Vesna Secretova"
    broken = harness.event(sample.CHANGED, {"no_name": secret}, subject="thing", id=new_id())
    bad_row = harness.event(sample.CHANGED, {"name": f"{secret}\x00"}, subject="thing", id=new_id())
    await harness.deliver(broken, queue="sample.facts")
    await harness.deliver(bad_row, queue="sample.effects")

    logged = ""

    def both_logged() -> bool:
        nonlocal logged
        logged += capsys.readouterr().out
        return logged.count("handler failed") >= 2

    await eventually(both_logged)
    assert secret not in logged


async def test_due_work_fires_once_and_a_failing_one_is_put_off(harness: Harness) -> None:
    key, failing = new_id(), new_id()
    with telling(Story.of_system("sample")):
        async with harness.database.transaction() as tx:
            await schedule(tx, "fire", str(key), now() - timedelta(seconds=1))
            await schedule(tx, "fire", str(failing), now() - timedelta(seconds=2), {"fails": True})
    await eventually(lambda: harness.rows("SELECT 1 FROM effect WHERE event_id = :id", id=key))
    rows = await eventually(lambda: harness.rows("SELECT * FROM due_work WHERE attempts = 1"))
    assert (rows[0]["key"], rows[0]["last_error"]) == (str(failing), "ValueError")
    assert rows[0]["due_at"] > now()
    assert not await harness.rows("SELECT 1 FROM due_work WHERE key = :key", key=str(key))


async def test_a_copy_that_was_emptied_fills_again_from_its_owner_portion_by_portion(harness: Harness) -> None:
    async def make(name: str) -> str:
        made = await harness.client.post("/api/v1/things", json={"name": name}, headers=harness.headers(admin(NOUNS)))
        return str(made.json()["id"])

    async def kept() -> bool:
        return ids <= {str(row["id"]) for row in await harness.rows("SELECT id FROM thing_copy")}

    ids = {await make(f"kept {number}") for number in range(2 * sample.PORTION + 1)}
    await eventually(kept)
    await harness.idle("sample.effects")
    effects = len(await harness.rows("SELECT 1 FROM effect"))
    async with harness.database.transaction() as tx:
        await tx.execute(sa.delete(sample.thing_copy))
    order = {"noun": "thing", "to_queue": "sample.things"}
    event = harness.event("sample.resync", order, subject="command", id=new_id(), sequence=0)
    await harness.deliver(event, event, queue="sample.resync")
    await eventually(kept)
    await harness.idle("sample.effects", "sample.resync")
    assert len(await harness.rows("SELECT 1 FROM effect")) == effects
    sent = await harness.rows("SELECT event_id FROM outbox_sent WHERE queue = 'sample.things'")
    assert len(sent) == len(await harness.rows("SELECT 1 FROM thing"))


async def test_the_staff_copy_keeps_the_newest(harness: Harness) -> None:
    id = new_id()

    def user(name: str, version: int) -> gateway.UserState:
        pii = gateway.UserPii(name=name, email="a@example.com")
        return gateway.UserState(
            id=id, role="salesperson", team_id=None, locale="en", active=True, version=version, pii=pii
        )

    for version in (3, 2):
        state = user(f"v{version}", version)
        event = harness.event(gateway.USER_CREATED, state, subject="user", id=id, sequence=version)
        await harness.deliver(event, event)
        await harness.idle("sample.users")
    assert [row["name"] for row in await harness.rows("SELECT name FROM staff_member WHERE id = :id", id=id)] == ["v3"]


async def test_health_and_metrics_answer(harness: Harness) -> None:
    ready = await harness.client.get("/health/ready")
    assert (ready.status_code, ready.json()["parts"]) == (200, {"database": "ok", "bus": "ok"})
    metrics = (await harness.client.get("/metrics")).text
    for name in ("crm_outbox_depth", "crm_outbox_lag_seconds", "crm_consumed_total", "crm_http_request_seconds"):
        assert name in metrics
