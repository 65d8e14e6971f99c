"""Hostile texts from a PBX: kept and shown exactly, or refused; never an error of ours."""

import hashlib
import hmac
import json
import random
import re
import time
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx
import pytest
from crm_runner.demo.client import wait_for

from tests.fuzz.arena import Arena
from tests.fuzz.corpus import Entry, corpus

SECRET = "a-secret-of-the-fuzzed-pbx"
API_KEY, SALT = "fuzzed-vpbx-key", "fuzzed-vpbx-salt"
TEXTS = ("from", "to", "extension", "line", "call_id", "event_id", "leg_id", "direction", "event", "unknown_field")
SHORT = 25


def _chosen(long_run: bool) -> list[Entry]:
    entries = [entry for entry in corpus() if len(entry.value) <= 200_000]
    return entries if long_run else random.Random(20_261).sample(entries, SHORT)


@pytest.fixture(scope="module")
def hook(arena: Arena) -> str:
    """The address of a connection that speaks the generic contract."""
    fallback = arena.client("team_lead").id
    body = {"name": "Fuzz", "vendor": "generic", "fallback_user_id": fallback, "hook_secret": SECRET}
    connection = arena.client("admin").post("/api/v1/connections", body)
    return arena.url + str(connection["hook_path"])


@pytest.fixture(scope="module")
def mango(arena: Arena) -> str:
    """The address of a connection that speaks Mango's protocol."""
    body = {"name": "Fuzz Mango", "vendor": "mango", "fallback_user_id": arena.client("team_lead").id}
    connection = arena.client("admin").post("/api/v1/connections", {**body, "api_key": API_KEY, "salt": SALT})
    return arena.url + str(connection["hook_path"])


def _event(**texts: Any) -> dict[str, Any]:
    event = {
        "event": "call.ringing", "event_id": uuid4().hex, "call_id": uuid4().hex, "direction": "in",
        "from": "+38640777001", "to": "101", "extension": "101", "ts": time.time(),
    }  # fmt: skip
    return event | texts


def _post(http: httpx.Client, url: str, event: dict[str, Any]) -> int:
    body, stamp = json.dumps(event).encode("ascii"), str(int(time.time()))
    proof = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Signature": f"t={stamp},v1={proof}", "Content-Type": "application/json"}
    return http.post(url, content=body, headers=headers).status_code


@pytest.mark.timeout(900)
def test_no_text_of_a_signed_webhook_breaks_anything(hook: str, long_run: bool) -> None:
    asked = 0
    with httpx.Client(timeout=30) as http:
        for entry in _chosen(long_run):
            for name in TEXTS:
                status = _post(http, hook, _event(**{name: entry.value}))
                asked += 1
                assert status == 200 or 400 <= status < 500, f"{name} ← {entry.shown}: {status}"
    print(f"\n{asked} signed webhooks with hostile texts")


@pytest.mark.timeout(900)
def test_a_callers_text_is_shown_exactly_or_was_refused(arena: Arena, hook: str, long_run: bool) -> None:
    texts = [entry for entry in _chosen(long_run) if len(entry.value) <= 64] if long_run else corpus()[::9]
    sent: dict[str, Entry] = {}
    with httpx.Client(timeout=30) as http:
        for entry in texts:
            line = f"+3861{random.randrange(10**6, 10**7)}{len(sent):04}"
            status = _post(http, hook, _event(**{"from": entry.value, "line": line}))
            assert status == 200 or 400 <= status < 500, f"{entry.shown}: {status}"
            # What is written like an extension is a colleague calling, who has no number to show.
            if status == 200 and not re.fullmatch(r"[0-9]{1,6}", entry.value.strip()):
                sent[line] = entry
    assert sent
    admin = arena.client("admin")

    def calls() -> dict[str, Any] | None:
        found: dict[str, Any] = {}
        cursor: dict[str, str] = {}
        while True:
            for direction in ("in", "out", "internal"):
                page = admin.get("/api/v1/calls", limit=200, direction=direction, **cursor)
                found |= {call["line"]: call for call in page["items"] if call["line"] in sent}
            if len(found) == len(sent) or page["next_cursor"] is None:
                return found if len(found) == len(sent) else None
            cursor = {"cursor": page["next_cursor"]}

    for line, call in wait_for("every call", calls, timeout=60).items():
        # White space around a number is the PBX's, not the caller's.
        assert call["phone_raw"] == sent[line].value.strip(), f"{sent[line].shown}: shown as {call['phone_raw']!r}"


def test_no_body_and_no_path_of_a_webhook_breaks_anything(hook: str, mango: str) -> None:
    entries = [entry for entry in corpus() if len(entry.in_url) < 2_000]
    with httpx.Client(timeout=30) as http:
        for entry in random.Random(20_261).sample(entries, 60):
            raw = entry.value.encode("utf-8", "surrogatepass")
            for url in (hook, f"{mango}/events/call", f"{mango}/{entry.in_url}", f"{hook}?vendor_path={entry.in_url}"):
                for kind in ("application/json", "application/x-www-form-urlencoded", ""):
                    status = http.post(url, content=raw, headers={"Content-Type": kind}).status_code
                    assert 400 <= status < 500, f"{url} {entry.shown}: {status}"
            form = {"vpbx_api_key": API_KEY, "sign": entry.value.encode("utf-8", "replace"), "json": "{}"}
            answer = http.post(f"{mango}/events/call", content=urlencode(form, quote_via=quote).encode())
            assert answer.status_code in (401, 422), f"{entry.shown}: {answer.status_code}"


@pytest.mark.timeout(900)
def test_no_text_of_a_signed_mango_event_breaks_anything(mango: str, long_run: bool) -> None:
    asked = 0
    with httpx.Client(timeout=30) as http:
        for entry in _chosen(long_run):
            for place in (
                "entry_id",
                "call_id",
                "call_state",
                "from.number",
                "from.extension",
                "to.number",
                "to.line_number",
            ):
                event: dict[str, Any] = {
                    "entry_id": uuid4().hex, "call_id": uuid4().hex, "timestamp": int(time.time()), "seq": 1,
                    "call_state": "Appeared", "location": "abonent", "from": {"number": "38640777002"},
                    "to": {"extension": "101", "number": "101", "line_number": "38615550100"},
                }  # fmt: skip
                head, _, rest = place.partition(".")
                (event[head] if rest else event)[rest or head] = entry.value
                payload = json.dumps(event)
                proof = hashlib.sha256((API_KEY + payload + SALT).encode()).hexdigest()
                form = {"vpbx_api_key": API_KEY, "sign": proof, "json": payload}
                status = http.post(f"{mango}/events/call", data=form).status_code
                asked += 1
                assert status == 200 or 400 <= status < 500, f"{place} ← {entry.shown}: {status}"
    print(f"\n{asked} signed Mango events with hostile texts")
