"""The door PBXs knock at: what is believed, kept once, and folded even after a kill."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from crm_chassis.testing import eventually
from crm_telephony.adapters.emulated.generic_pbx import event, signed
from crm_telephony.calls import folding, worker
from sqlalchemy import text

from .office import KEY, SECRET, SYSTEM, Office, Pbx, call_event, together


async def raws(office: Office, pbx: Pbx) -> list[dict[str, object]]:
    return await office.rows("SELECT * FROM call_event_raw WHERE connection_id = :id", id=pbx.id)


async def test_the_same_webhook_again_is_taken_and_stored_once(office: Office) -> None:
    pbx = await office.pbx()
    ring = call_event(pbx, "Appeared", entry="E1")
    for _ in range(3):
        answer = await office.hook(pbx, "events/call", ring)
        assert (answer.status_code, answer.text) == (200, "")
    assert len(await raws(office, pbx)) == 1


async def test_copies_sent_at_the_same_moment_are_stored_once(office: Office) -> None:
    pbx = await office.pbx()
    ring = call_event(pbx, "Appeared", entry="E1")
    answers = await together(*(office.hook(pbx, "events/call", ring) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await raws(office, pbx)) == 1


async def test_the_same_event_id_with_another_body_is_a_conflict(office: Office) -> None:
    pbx = await office.pbx()
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    other = await office.hook(pbx, "events/call", call_event(pbx, "Connected", entry="E1"))
    assert (other.status_code, other.json()["code"]) == (409, "event_id_reused")
    await office.folded(pbx)
    assert (await office.call(pbx))["phase"] == "ringing"


async def test_a_forged_webhook_is_refused_and_nothing_of_it_is_stored(office: Office) -> None:
    pbx = await office.pbx()
    form = urlencode(
        {"vpbx_api_key": KEY, "sign": "0" * 64, "json": json.dumps(call_event(pbx, "Appeared", entry="E"))}
    )
    answer = await office.raw_hook(f"{pbx.hook}/events/call", form.encode())
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert await raws(office, pbx) == []


async def test_staleness_is_judged_against_the_moment_of_arrival_at_the_edge(office: Office) -> None:
    pbx = await office.pbx("generic")
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    started = event("call.started", "c1", an_hour_ago.timestamp(), **{"from": "+79161234567", "to": pbx.line})
    request = signed(started, SECRET, an_hour_ago.timestamp())
    signature: dict[str, Any] = dict(request.headers)
    late = await office.raw_hook(pbx.hook, request.body, **signature)
    assert late.status_code == 401
    assert await raws(office, pbx) == []
    parked = {"X-Hook-Arrived-At": (an_hour_ago + timedelta(seconds=2)).isoformat()}
    assert (await office.raw_hook(pbx.hook, request.body, **(signature | parked))).status_code == 200
    assert len(await raws(office, pbx)) == 1


@pytest.mark.parametrize("written", ["yesterday", "2026-11-21T10:00:00", ""])
async def test_an_arrival_time_that_is_none_is_refused(office: Office, written: str) -> None:
    pbx = await office.pbx()
    headers: dict[str, Any] = {"X-Hook-Arrived-At": written}
    assert (await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E"), **headers)).status_code == 422


async def test_an_unknown_token_leads_nowhere_and_a_switched_off_connection_neither(office: Office) -> None:
    assert (await office.raw_hook("/hooks/pbx/nothing", b"{}")).status_code == 404
    pbx = await office.pbx(active=False)
    assert (await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E"))).status_code == 404


async def test_a_vendor_may_ask_whether_the_address_is_ours(office: Office) -> None:
    pbx = await office.pbx()
    asked = {
        path: await office.client.get(path, headers=office.harness.headers(SYSTEM))
        for path in (pbx.hook, "/hooks/pbx/nothing")
    }
    assert [answer.status_code for answer in asked.values()] == [200, 404]


async def test_only_the_gateway_may_knock(office: Office) -> None:
    pbx = await office.pbx()
    user = await office.user()
    assert (await office.raw_hook(pbx.hook, b"{}", by=user)).status_code == 404
    assert (await office.client.post(pbx.hook, content=b"{}")).status_code == 401
    look_up = await office.client.get(f"{pbx.hook}/lookup?phone=1", headers=office.harness.headers(user))
    assert look_up.status_code == 404


async def test_a_webhook_over_256_kib_is_too_large(office: Office) -> None:
    pbx = await office.pbx("generic")
    huge = b"x" * (256 * 1024 + 1)
    assert (await office.raw_hook(pbx.hook, huge)).status_code == 413

    async def chunks() -> AsyncIterator[bytes]:
        yield huge

    headers = office.harness.headers(SYSTEM)
    assert (await office.client.post(pbx.hook, content=chunks(), headers=headers)).status_code == 413
    assert await raws(office, pbx) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'{"event_id":"e","event_id":"e"}',
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"[" * 100_000,
        b'{"event_id":"\xff"}',
        b'{"event":"call.ringing","event_id":"e","call_id":"c","ts":NaN,"from":"1","to":"2"}',
        b'{"event":"call.ringing","event_id":"e","call_id":"c","ts":"soon","from":"1","to":"2"}',
        b'{"event":"call.ringing","event_id":"e","call_id":"c","ts":1e300,"from":"1","to":"2"}',
        b'{"event":"call.ringing","event_id":"e\\u0000","call_id":"c","ts":1795284000,"from":"1","to":"2"}',
        b'{"event":"call.ringing","event_id":"\\ud800","call_id":"c","ts":1795284000,"from":"1","to":"2"}',
        b'{"event":"call.ringing","event_id":"' + b"e" * 300 + b'","call_id":"c","ts":1795284000}',
        b'{"event":"call.ringing","event_id":{},"call_id":"c","ts":1795284000}',
        b'{"event":"call.sung","event_id":"e","call_id":"c","ts":1795284000}',
        b'{"event":"call.ringing","event_id":"e","ts":1795284000}',
        b'{"n":' + b"9" * 5000 + b"}",
    ],
)
async def test_an_authentic_webhook_that_can_not_be_read_is_refused_and_not_stored(office: Office, body: bytes) -> None:
    pbx = await office.pbx("generic")
    stamp = int(time.time())
    mac = hmac.new(SECRET.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    answer = await office.raw_hook(pbx.hook, body, x_signature=f"t={stamp},v1={mac}")
    assert answer.status_code == 422, answer.text
    assert await raws(office, pbx) == []


async def test_unknown_fields_of_a_webhook_are_kept(office: Office) -> None:
    pbx = await office.pbx()
    ring = call_event(pbx, "Appeared", entry="E1", mood="cheerful")
    assert (await office.hook(pbx, "events/call", ring)).status_code == 200
    kept = (await raws(office, pbx))[0]["body"]
    assert isinstance(kept, bytes)
    assert b"cheerful" in kept


async def test_webhooks_about_recordings_are_kept_and_make_no_call(office: Office) -> None:
    pbx = await office.pbx()
    recording = {"recording_id": "r1", "recording_state": "Started", "seq": 1, "call_id": "L1", "entry_id": "E1"}
    assert (await office.hook(pbx, "events/recording", recording)).status_code == 200
    assert (await office.hook(pbx, "events/dtmf", {"seq": 1, "dtmf": "5"})).status_code == 200
    assert len(await raws(office, pbx)) == 2
    await office.folded(pbx)
    assert await office.rows('SELECT 1 FROM "call" WHERE connection_id = :id', id=pbx.id) == []


async def test_a_webhook_kept_before_a_kill_is_folded_after_it(office: Office) -> None:
    pbx = await office.pbx()
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    await office.folded(pbx)
    async with office.harness.database.transaction() as tx:  # as if the process had died between commit and fold
        await tx.execute(text("DELETE FROM call_leg"))
        await tx.execute(text('DELETE FROM "call" WHERE connection_id = :id'), {"id": pbx.id})
        await tx.execute(text("UPDATE call_event_raw SET parsed_at = NULL WHERE connection_id = :id"), {"id": pbx.id})
    assert (await office.call(pbx, phase="ringing"))["phone_e164"] == "+79161234567"


async def test_no_secret_and_no_token_is_kept_with_a_webhook(office: Office) -> None:
    pbx = await office.pbx()
    await office.hook(
        pbx, "events/call", call_event(pbx, "Appeared", entry="E1"), x_api_key="very-secret", cookie="a=b"
    )
    kept = (await raws(office, pbx))[0]["headers"]
    assert isinstance(kept, dict)
    assert set(kept) <= {"content-type", "user-agent", "x-signature"}


async def test_two_pbxs_may_use_the_same_call_id(office: Office) -> None:
    one, other = await office.pbx(), await office.pbx()
    for pbx in (one, other):
        await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    assert (await office.call(one))["id"] != (await office.call(other))["id"]


async def test_a_pbx_that_asks_who_is_calling_learns_the_card_and_the_owners_extension(office: Office) -> None:
    owner = await office.user()
    pbx = await office.pbx(desks={"101": owner})
    phone = f"+7916{uuid4().int % 10_000_000:07d}"
    headers = office.harness.headers(SYSTEM)

    async def ask(number: str) -> dict[str, object]:
        answer = await office.client.get(f"{pbx.hook}/lookup", params={"phone": number}, headers=headers)
        assert answer.status_code == 200
        found: dict[str, object] = answer.json()
        return found

    nobody = {"match": "none", "person_id": None, "owner_id": None, "extension": None}
    assert await ask(phone) == nobody
    assert await ask("anonymous") == nobody
    olga = office.person(phone, owner.id)
    await office.knows(olga)
    with office.harness.statements() as statements:
        found = await ask(phone.removeprefix("+"))
    assert found == {"match": "one", "person_id": str(olga.id), "owner_id": str(owner.id), "extension": "101"}
    assert len(statements) == 2, "the token and the number"
    await office.knows(office.person(phone, None))
    assert await ask(phone) == nobody | {"match": "many"}


async def test_a_failing_fold_is_put_off_and_does_not_stop_other_calls(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:

    bad, good = await office.pbx(), await office.pbx()
    fold_call = folding.fold_call

    async def failing(tx, patience, connection_id, *rest, **more):  # type: ignore[no-untyped-def]
        if connection_id == bad.id:
            raise ValueError("a bug")
        await fold_call(tx, patience, connection_id, *rest, **more)

    monkeypatch.setattr(worker, "fold_call", failing)
    for pbx in (bad, good):
        await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    await office.call(good, phase="ringing")
    query = "SELECT 1 FROM call_event_raw WHERE connection_id = :id AND attempts = 1 AND try_after > now()"
    await eventually(lambda: office.rows(query, id=bad.id))
