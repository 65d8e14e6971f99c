"""Webhooks that must be refused at the door, of both kinds of PBX: none leaves a row, an event or a call."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest
from crm_runner.demo.company import API_KEY, LINE_SALES

from tests.conftest import Town

SECRET = "a-secret-of-the-edge"
DEEP = 100_000


@dataclass(frozen=True)
class Hook:
    """The door of one PBX: how its requests are signed here, by code of the test's own."""

    vendor: str
    connection_id: str
    url: str

    def signed(self, payload: bytes, at: float | None = None, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a request the PBX would send with this payload."""
        if self.vendor == "mango":
            proof = hashlib.sha256(API_KEY.encode() + payload + secret.encode()).hexdigest()
            form = {"vpbx_api_key": API_KEY, "sign": proof, "json": payload}
            return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        stamp = str(int(at or time.time()))
        proof = hmac.new(secret.encode(), stamp.encode() + b"." + payload, hashlib.sha256).hexdigest()
        return payload, {"X-Signature": f"t={stamp},v1={proof}", "Content-Type": "application/json"}

    def event(self, mark: str) -> bytes:
        """A first ring, as this PBX words it."""
        at = int(time.time())
        if self.vendor == "mango":
            ends = {"from": {"number": "38640555900"}, "to": {"extension": "101", "line_number": LINE_SALES[1:]}}
            ring = {"entry_id": mark, "call_id": f"{mark}-1", "timestamp": at, "seq": 1, "call_state": "Appeared"}
            return json.dumps(ring | {"location": "abonent"} | ends).encode()
        ring = {"event": "call.ringing", "event_id": mark, "call_id": mark, "direction": "in", "ts": at}
        return json.dumps(ring | {"from": "+38640555900", "to": "101", "extension": "101"}).encode()


@pytest.fixture(scope="module", params=["mango", "generic"])
def hook(request: pytest.FixtureRequest, town: Town) -> Hook:
    """A connection of each kind, which nobody else uses: what it has kept is what was sent here."""
    admin, lead = town.company.client("Nadja"), town.company.client("Petra")
    body = {"name": f"Edge {request.param}", "vendor": request.param, "fallback_user_id": lead.id}
    if request.param == "mango":
        body |= {"api_key": API_KEY, "salt": SECRET, "api_url": town.pbx.api_url}
    else:
        body |= {"hook_secret": SECRET}
    connection = admin.post("/api/v1/connections", body)
    path = "/events/call" if request.param == "mango" else ""
    return Hook(request.param, connection["id"], town.company.gateway_url + connection["hook_path"] + path)


def _send(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    answer = httpx.post(url, content=body, headers=headers, timeout=30)
    problem = answer.json() if answer.headers["content-type"] == "application/problem+json" else {}
    return answer.status_code, problem.get("code", "")


async def _kept(town: Town, hook: Hook) -> tuple[int, int]:
    """How many webhooks and calls telephony has of the connection."""
    connection = await asyncpg.connect(town.stack.database_urls["telephony"])
    try:
        row = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM call_event_raw WHERE connection_id = $1::uuid) AS raw, "
            "(SELECT count(*) FROM call WHERE connection_id = $1::uuid) AS calls",
            hook.connection_id,
        )
    finally:
        await connection.close()
    return row["raw"], row["calls"]


def _hostile(hook: Hook) -> dict[str, tuple[bytes, dict[str, str], set[int]]]:
    """Name → request and the statuses it may be refused with."""
    good = hook.event("edge-good")
    body, headers = hook.signed(good)
    # A printable byte of the payload, so that the form around it stays a form.
    place = body.index(b"edge") + 1
    mutated = body[:place] + b"x" + body[place + 1 :]
    requests = {
        "unsigned": (good, {"Content-Type": "application/json"}, {401}),
        "forged": (*hook.signed(good, secret="another"), {401}),
        "mutated": (mutated, headers, {401}),
        "empty": (b"", headers, {401}),
        "oversized": (*hook.signed(good[:-1] + b',"x":"' + b"x" * 262_144 + b'"}'), {413}),
        "deep": (*hook.signed(b'{"a":' * DEEP + b"1" + b"}" * DEEP), {413}),
        "deep within the cap": (*hook.signed(b'{"a":' * 200 + b"1" + b"}" * 200), {422}),
        "lists within lists": (*hook.signed(b"[" * 60_000), {422}),
        "duplicate keys": (*hook.signed(good[:-1] + b',"call_id":"other"}'), {422}),
        "not UTF-8": (*hook.signed(good.replace(b"edge-good", b"edge-\xff\xfe")), {401, 422}),
        "NUL": (*hook.signed(good.replace(b"edge-good", b"edge-\\u0000")), {422}),
        "lone surrogate": (*hook.signed(good.replace(b"edge-good", b"edge-\\ud800")), {422}),
        "no object": (*hook.signed(b"[]"), {422}),
        "no JSON": (*hook.signed(b"{edge"), {422}),
        "NaN": (*hook.signed(good[:-1] + b',"x":NaN}'), {422}),
    }
    if hook.vendor == "generic":
        # Mango signs no time: what is old there is known by its event, as the next test shows.
        requests["stale"] = (*hook.signed(good, at=time.time() - 310), {401})
        requests["from the future"] = (*hook.signed(good, at=time.time() + 310), {401})
    return requests


async def test_every_bad_webhook_is_refused_without_a_row(town: Town, hook: Hook) -> None:
    for name, (body, headers, statuses) in _hostile(hook).items():
        status, code = _send(hook.url, body, headers)
        assert status in statuses, (name, status, code)
        assert code, name
        assert await _kept(town, hook) == (0, 0), name
    parts = hook.url.split("/")
    parts[parts.index("pbx") + 1] = "A" * 43
    assert _send("/".join(parts), *hook.signed(hook.event("edge-good")))[0] == 404
    assert await _kept(town, hook) == (0, 0)


async def test_a_webhook_again_is_taken_once_and_with_another_body_refused(town: Town, hook: Hook) -> None:
    event = hook.event("edge-again")
    for _ in range(3):
        assert _send(hook.url, *hook.signed(event))[0] == 200
    assert (await _kept(town, hook))[0] == 1
    other = event.replace(b"38640555900", b"38640555901")
    assert _send(hook.url, *hook.signed(other)) == (409, "event_id_reused")
    assert (await _kept(town, hook))[0] == 1
