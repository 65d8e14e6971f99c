"""What the door refuses, and that nothing is left of it."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import API_KEY

from tests.conftest import Town

SECRET = "a-secret-of-the-generic-pbx"


@pytest.fixture(scope="module")
def generic_hook(town: Town) -> str:
    """The public hook address of a connection speaking the generic contract."""
    admin, lead = town.company.client("Nadja"), town.company.client("Petra")
    body = {"name": "Generic", "vendor": "generic", "fallback_user_id": lead.id, "hook_secret": SECRET}
    connection = admin.post("/api/v1/connections", body)
    return town.company.gateway_url + str(connection["hook_path"])


def _event(**fields: Any) -> bytes:
    event = {
        "event": "call.ringing", "event_id": "e-1", "call_id": "c-1", "direction": "in",
        "from": "+38640555001", "to": "101", "extension": "101", "ts": time.time(),
    }  # fmt: skip
    return json.dumps(event | fields).encode()


def _signed(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at or time.time()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Signature": f"t={stamp},v1={digest}", "Content-Type": "application/json"}


def _post(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return httpx.post(url, content=body, headers=headers, timeout=30)


def _calls(head: Client, phone: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = head.get("/api/v1/calls", phone=phone)["items"]
    return found


def test_forged_stale_and_oversized_webhooks_are_refused_and_leave_nothing(town: Town, generic_hook: str) -> None:
    phone = "+38640555666"
    body = _event(**{"from": phone, "event_id": "bad", "call_id": "bad"})
    head = town.company.client("Marko")
    assert _post(generic_hook, body, _signed(body, secret="another")).status_code == 401
    assert _post(generic_hook, body, {"Content-Type": "application/json"}).status_code == 401
    assert _post(generic_hook, body, _signed(body, at=time.time() - 302)).status_code == 401
    # The stamp has whole seconds and the way here takes time: well over the five minutes; the edge is a unit test.
    assert _post(generic_hook, body, _signed(body, at=time.time() + 310)).status_code == 401
    changed = body.replace(b"c", b"d", 1)
    assert _post(generic_hook, changed, _signed(body)).status_code == 401
    huge = _event(**{"from": phone, "filler": "x" * 262_144})
    assert _post(generic_hook, huge, _signed(huge)).status_code == 413
    unknown = generic_hook.rsplit("/", 1)[0] + "/" + "A" * 43
    assert _post(unknown, body, _signed(body)).status_code == 404
    good = _event(**{"from": "+38640555667", "event_id": "after", "call_id": "after"})
    assert _post(generic_hook, good, _signed(good)).status_code == 200
    wait_for("the good call after the bad ones", lambda: _calls(head, "+38640555667"))
    assert _calls(head, phone) == []
    assert head.get("/api/v1/people", phone=phone)["items"] == []


def test_the_same_event_again_is_taken_once_and_its_id_with_another_body_is_a_conflict(
    town: Town, generic_hook: str
) -> None:
    head = town.company.client("Marko")
    body = _event(**{"from": "+38640555668", "event_id": "same", "call_id": "same", "unknown_field": {"kept": True}})
    for _ in range(3):
        assert _post(generic_hook, body, _signed(body)).status_code == 200
    other = body.replace(b"+38640555668", b"+38640555669")
    assert _post(generic_hook, other, _signed(other)).status_code == 409
    wait_for("the call", lambda: _calls(head, "+38640555668"))
    assert len(_calls(head, "+38640555668")) == 1
    assert _calls(head, "+38640555669") == []


def test_a_mango_webhook_changed_by_one_byte_is_refused(town: Town) -> None:
    payload = json.dumps({"entry_id": "x", "call_id": "x", "seq": 1, "call_state": "Appeared"})
    proof = hashlib.sha256((API_KEY + payload + town.company.salt).encode()).hexdigest()
    form = {"vpbx_api_key": API_KEY, "sign": proof, "json": payload.replace("Appeared", "Appeares")}
    url = f"{town.company.hook_url}/events/call"
    answer = _post(url, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 401


def test_our_own_api_names_what_is_wrong_with_a_stable_code(town: Town) -> None:
    client = town.company.client("Ana")
    http = client._http

    def refused(method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, str]:
        answer = http.request(method, path, json=body, headers=headers or {})
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["correlation_id"] == answer.headers["x-correlation-id"]
        return answer.status_code, problem["code"]

    assert refused("POST", "/api/v1/people", {"name": "A", "actor": "x"}) == (422, "invalid")
    assert refused("POST", "/api/v1/people", {"name": "A", "created_by": client.id}) == (422, "invalid")
    person = client.post("/api/v1/people", {"name": "Stale"})
    path = f"/api/v1/people/{person['id']}"
    assert refused("PATCH", path, {"name": "B"}) == (428, "if_match_required")
    client.patch(path, {"name": "B"}, version=1)
    assert refused("PATCH", path, {"name": "C"}, {"If-Match": '"1"'}) == (409, "stale_version")
    stale = http.patch(path, json={"name": "C"}, headers={"If-Match": '"1"'}).json()
    assert (stale["current"]["version"], stale["current"]["name"]) == (2, "B")
    assert client.get(path)["name"] == "B"
    assert refused("GET", "/api/v1/people/not-a-uuid", None)[0] == 422
    assert refused("GET", "/api/v1/nothing", None) == (404, "not_found")
    key = {"Idempotency-Key": "flow-1"}
    first = http.post("/api/v1/people", json={"name": "Once"}, headers=key)
    again = http.post("/api/v1/people", json={"name": "Once"}, headers=key)
    assert (first.status_code, again.content) == (201, first.content)
    assert refused("POST", "/api/v1/people", {"name": "Twice"}, key)[0] == 422


def test_a_deal_may_name_a_person_made_a_moment_ago(town: Town) -> None:
    client = town.company.client("Ana")
    for number in range(5):
        person = client.post("/api/v1/people", {"name": f"Just now {number}"})
        deal = client.post("/api/v1/deals", {"title": "Quick", "person_id": person["id"]})
        assert deal["person_id"] == person["id"]


def test_nobody_without_a_session_gets_anything(town: Town) -> None:
    for path in ("people", "deals", "calls", "board", "live", "reports/funnel", "search?q=a", "users"):
        assert httpx.get(f"{town.company.gateway_url}/api/v1/{path}").status_code == 401
