"""PBX connections, their secrets, and whose phones ring."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from crm_chassis.testing import eventually, nobody
from crm_contracts.resync import Resync
from crm_contracts.telephony import CONNECTION_CHANGED, ConnectionState
from crm_telephony.adapters.emulated.generic_pbx import event, signed

from .office import BOSS, KEY, SALT, SECRET, Office, Pbx, call_event


async def body(office: Office, **more: Any) -> dict[str, Any]:
    user = await office.user()
    made = {"name": "PBX", "vendor": "mango", "fallback_user_id": str(user.id), "api_key": KEY, "salt": SALT}
    return made | more


async def patch(office: Office, id: object, version: int, **changes: Any) -> Any:
    headers = office.harness.headers(BOSS, if_match=str(version))
    return await office.client.patch(f"/api/v1/connections/{id}", json=changes, headers=headers)


async def arrivals(office: Office, pbx: Pbx) -> dict[str, Any]:
    shown: dict[str, Any] = (await office.get(f"/connections/{pbx.id}")).json()["arrivals"]
    return shown


async def count(office: Office) -> tuple[int, int]:
    rows = await office.rows("SELECT 1 FROM pbx_connection")
    return len(rows), len(await office.harness.recorded(CONNECTION_CHANGED))


async def test_the_path_token_is_shown_once_and_kept_as_a_hash(office: Office) -> None:
    made = (await office.post("/connections", await body(office))).json()
    token = made["hook_path"].removeprefix("/hooks/pbx/")
    assert len(token) == 43, "32 random bytes"
    shown = (await office.get(f"/connections/{made['id']}")).json()
    assert "hook_path" not in shown
    (row,) = await office.rows("SELECT * FROM pbx_connection WHERE id = :id", id=UUID(made["id"]))
    assert row["token_sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(await office.rows("SELECT * FROM idempotency_key"))
    told = [e for e in await office.harness.recorded(CONNECTION_CHANGED) if str(e.subject_id) == made["id"]]
    state = ConnectionState.model_validate(told[0].data)
    assert (state.token_sha256, state.vendor, state.active, told[0].sequence) == (row["token_sha256"], "mango", True, 1)


async def test_secrets_are_encrypted_at_rest_and_never_shown(office: Office) -> None:
    answer = await office.post("/connections", await body(office))
    (row,) = await office.rows("SELECT * FROM pbx_connection WHERE id = :id", id=UUID(answer.json()["id"]))
    assert answer.json()["secrets_set"] == ["api_key", "salt"]
    for secret in (KEY, SALT):
        assert secret not in answer.text
        assert secret.encode() not in row["secrets"]
    told = [e for e in await office.harness.recorded(CONNECTION_CHANGED) if e.subject_id == row["id"]]
    assert SALT not in told[0].model_dump_json()


async def test_a_repeated_creation_makes_one_connection_and_does_not_show_its_token_again(office: Office) -> None:
    wanted = await body(office)
    first = await office.post("/connections", wanted, idempotency_key="k-1")
    again = await office.post("/connections", wanted, idempotency_key="k-1")
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["hook_path"] is None


async def test_a_new_token_ends_the_old_one(office: Office) -> None:
    pbx = await office.pbx()
    headers = office.harness.headers(BOSS, if_match=str(pbx.version))
    rotated = await office.client.post(f"/api/v1/connections/{pbx.id}/rotate-token", headers=headers)
    assert rotated.status_code == 200
    ring = call_event(pbx, "Appeared", entry="E1")
    assert (await office.hook(pbx, "events/call", ring)).status_code == 404
    new = type(pbx)(pbx.id, rotated.json()["hook_path"], pbx.line, rotated.json()["version"])
    assert (await office.hook(new, "events/call", ring)).status_code == 200
    assert rotated.json()["version"] == pbx.version + 1


async def test_a_connection_is_changed_by_merge_patch_under_its_version(office: Office) -> None:
    pbx = await office.pbx(api_url="https://app.mango-office.ru/vpbx")
    changed = await patch(office, pbx.id, pbx.version, name="Main", api_url=None)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["name"], changed.json()["api_url"]) == ("Main", None)
    assert changed.json()["lines"] == [{"number": pbx.line, "team_id": None, "fallback_user_id": None}]
    stale = await patch(office, pbx.id, pbx.version, name="Other")
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]["version"]) == (409, "stale_version", 2)
    blind = await office.client.patch(
        f"/api/v1/connections/{pbx.id}", json={"name": "x"}, headers=office.harness.headers(BOSS)
    )
    assert blind.status_code == 428


async def test_new_secrets_count_from_the_next_webhook(office: Office) -> None:
    pbx = await office.pbx()
    assert (await patch(office, pbx.id, pbx.version, salt="another-salt")).status_code == 200
    assert (await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"salt": None},
        {"fallback_user_id": None},
        {"fallback_user_id": str(uuid4())},
        {"vendor": "alien"},
        {"colour": "red"},
        {"default_region": "ZZ"},
        {"zone": "Mars/Base"},
        {"zone": "../../etc/passwd"},
        {"api_url": "ftp://host"},
        {"trusted_networks": ["300.0.0.0/8"]},
        {"name": "a\x00b"},
        {"name": ""},
        {"lines": [{"number": "74950000001"}, {"number": "+7 495 000-00-01"}]},
        {"lines": [{"number": "74950000001", "team_id": str(uuid4())}]},
        {"owner_id": str(uuid4())},
        {"vendor": "generic"},
        {"vendor": "generic", "hook_api_key": "a-long-enough-key"},
    ],
)
async def test_a_connection_that_can_not_work_is_refused_and_leaves_nothing(
    office: Office, wrong: dict[str, object]
) -> None:
    wanted = await body(office, default_region="RU") | wrong
    wanted = {name: value for name, value in wanted.items() if value is not None}
    before = await count(office)
    answer = await office.post("/connections", wanted)
    assert answer.status_code == 422, answer.text
    assert SALT not in answer.text
    assert await count(office) == before


async def test_what_must_be_can_not_be_cleared(office: Office) -> None:
    pbx = await office.pbx()
    for change in ({"fallback_user_id": None}, {"name": None}, {"salt": None}):
        assert (await patch(office, pbx.id, pbx.version, **change)).status_code == 422


async def test_only_who_may_sees_and_changes_connections(office: Office) -> None:
    pbx = await office.pbx()
    seller, before = await office.user(), await count(office)
    reader = type(seller)(id=uuid4(), role="x", grants={"connection:read": BOSS.grants["connection:read"]})
    for principal, seen in ((nobody(), 404), (reader, 200)):
        assert (await office.get(f"/connections/{pbx.id}", by=principal)).status_code == seen
        assert (await office.get(f"/connections/{pbx.id}/extensions", by=principal)).status_code == seen
        headers = office.harness.headers(principal, if_match=str(pbx.version))
        for method, path, payload in (
            ("PATCH", "", {"name": "x"}),
            ("PUT", "/extensions", {"extensions": []}),
            ("POST", "/rotate-token", None),
        ):
            answer = await office.client.request(
                method, f"/api/v1/connections/{pbx.id}{path}", json=payload, headers=headers
            )
            assert answer.status_code == (404 if seen == 404 else 403)
        assert (await office.post("/connections", await body(office), by=principal)).status_code == 403
    assert (await office.get("/connections", by=nobody())).json()["items"] == []
    assert await count(office) == before


async def test_connections_are_listed_at_the_same_cost_however_many(office: Office) -> None:
    await office.pbx()
    with office.harness.statements() as few:
        assert (await office.get("/connections", limit=1)).status_code == 200
    for _ in range(3):
        await office.pbx()
    with office.harness.statements() as many:
        page = (await office.get("/connections", limit=3)).json()
    assert len(page["items"]) == 3
    assert page["next_cursor"]
    assert len(few) == len(many)


async def test_a_connection_shows_when_it_first_heard_of_its_pbx_and_when_last(office: Office) -> None:
    pbx = await office.pbx()
    assert (await arrivals(office, pbx)) == {"first": None, "last": None, "refused": []}
    for state in ("Appeared", "Connected", "Disconnected"):
        await office.hook(pbx, "events/call", call_event(pbx, state, entry="E", seq=len(state)))
    await office.hook(pbx, "events/recording", {"recording_id": "R", "seq": 1})
    came = await arrivals(office, pbx)
    assert (came["first"]["what"], came["last"]["what"], came["refused"]) == ("ringing", "other", [])
    assert came["first"]["at"] < came["last"]["at"]
    listed = (await office.get("/connections")).json()["items"]
    assert next(item for item in listed if item["id"] == str(pbx.id))["arrivals"] == came


async def test_what_was_refused_is_counted_by_its_reason_and_nothing_of_it_is_kept(office: Office) -> None:
    pbx, other = await office.pbx("generic"), await office.pbx("generic")
    ring = event("call.ringing", "c1", time.time(), **{"from": "+79161234567", "to": "101"})
    forged = signed(ring, "another-secret", time.time())
    stale = signed(ring, SECRET, time.time() - 3600)
    unread = signed(ring | {"event": "call.teleported"}, SECRET, time.time())
    for request in (stale, forged, unread, forged):
        headers: dict[str, Any] = dict(request.headers)
        assert (await office.raw_hook(pbx.hook, request.body, **headers)).status_code in (401, 422)
    assert (await office.raw_hook(pbx.hook, b"{}")).status_code == 401
    assert (await office.generic_hook(pbx, ring)).status_code == 200
    assert (await office.generic_hook(pbx, ring | {"to": "102"})).status_code == 409
    came = await arrivals(office, pbx)
    assert [(each["reason"], each["count"]) for each in came["refused"]] == [
        ("event_id_reused", 1),
        ("not_signed", 1),
        ("bad_signature", 2),
        ("unreadable", 1),
        ("stale", 1),
    ]
    assert came["first"] == came["last"]
    rows = await office.rows("SELECT r::text AS row FROM pbx_refusal r")
    assert all("7916" not in row["row"] for row in rows)
    assert (await arrivals(office, other))["refused"] == []


async def test_a_parked_webhook_is_refused_as_of_when_it_came(office: Office) -> None:
    pbx = await office.pbx()
    before = datetime.now(UTC) - timedelta(hours=2)
    at_once: dict[str, Any] = {"X-Hook-Arrived-At": datetime.now(UTC).isoformat()}
    await office.raw_hook(pbx.hook, b"nothing", **at_once)
    now = (await arrivals(office, pbx))["refused"]
    parked: dict[str, Any] = {"X-Hook-Arrived-At": before.isoformat()}
    await office.raw_hook(pbx.hook, b"nothing", **parked)
    (then,) = (await arrivals(office, pbx))["refused"]
    assert (then["count"], then["last_at"]) == (2, now[0]["last_at"]), "the latest is the latest to come"


async def test_the_phone_map_keeps_its_history(office: Office) -> None:
    ann, bob = await office.user(), await office.user()
    pbx = await office.pbx(desks={"101": ann, "102": bob})
    path = f"/api/v1/connections/{pbx.id}/extensions"
    headers = office.harness.headers(BOSS)
    first = (await office.client.get(path, headers=headers)).json()["items"]
    new = {"extensions": [{"extension": "101", "user_id": str(bob.id)}, {"extension": "102", "user_id": str(bob.id)}]}
    items = (await office.client.put(path, json=new, headers=headers)).json()["items"]
    today = {item["extension"]: item for item in items if item["valid_to"] is None}
    assert today["102"] == next(item for item in first if item["extension"] == "102"), "untouched"
    assert today["101"]["user_id"] == str(bob.id)
    (past,) = [item for item in items if item["valid_to"] is not None]
    assert (past["user_id"], past["valid_to"]) == (str(ann.id), today["101"]["valid_from"])
    await office.client.put(path, json=new, headers=headers)
    assert len((await office.client.get(path, headers=headers)).json()["items"]) == 3, "no change, no history"


@pytest.mark.parametrize(
    "extensions",
    [
        [{"extension": "101", "user_id": str(uuid4())}],
        [{"extension": "1 01", "user_id": str(uuid4())}],
        [{"extension": "101"}],
        [{"extension": "101", "user_id": str(uuid4()), "valid_from": "2020-01-01T00:00:00Z"}],
        "101",
    ],
)
async def test_a_phone_map_that_is_none_changes_nothing(office: Office, extensions: object) -> None:
    pbx = await office.pbx(desks={"101": await office.user()})
    path = f"/api/v1/connections/{pbx.id}/extensions"
    headers = office.harness.headers(BOSS)
    before = (await office.client.get(path, headers=headers)).json()
    assert (await office.client.put(path, json={"extensions": extensions}, headers=headers)).status_code == 422
    assert (await office.client.get(path, headers=headers)).json() == before


async def test_an_extension_twice_in_a_map_is_refused(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx()
    twice = {"extensions": [{"extension": "101", "user_id": str(ann.id)}] * 2}
    headers = office.harness.headers(BOSS)
    answer = await office.client.put(f"/api/v1/connections/{pbx.id}/extensions", json=twice, headers=headers)
    assert answer.status_code == 422


async def test_a_map_that_somebody_else_changed_meanwhile_is_not_written_over(office: Office) -> None:
    ann, bob = await office.user(), await office.user()
    pbx = await office.pbx(desks={"101": ann})
    path, headers = f"/api/v1/connections/{pbx.id}/extensions", office.harness.headers(BOSS)
    seen = [{"extension": "101", "user_id": str(ann.id)}]
    theirs = {"extensions": [*seen, {"extension": "102", "user_id": str(bob.id)}], "replaces": seen}
    assert (await office.client.put(path, json=theirs, headers=headers)).status_code == 200
    before = (await office.client.get(path, headers=headers)).json()
    mine = {"extensions": [], "replaces": seen}
    refused = await office.client.put(path, json=mine, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "phone_map_changed")
    assert (await office.client.get(path, headers=headers)).json() == before
    assert (await office.client.put(path, json={"extensions": []}, headers=headers)).status_code == 200


async def test_a_new_copy_of_connections_is_filled_from_here(office: Office) -> None:
    pbx = await office.pbx()
    order = Resync(noun="connection", to_queue="gateway.connections")
    event = office.harness.event("telephony.resync", order, subject="resync", id=uuid4(), sequence=0)
    await office.harness.deliver(event, queue="telephony.resync")

    async def sent_again() -> bool:
        told = await office.harness.recorded(CONNECTION_CHANGED)
        return len([e for e in told if e.subject_id == pbx.id and e.lane == "bulk" and e.sequence == 1]) == 1

    await eventually(sent_again)
