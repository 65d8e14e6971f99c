"""The live stream, which generated requests leave alone because it never ends."""

import httpx
import pytest

from tests.fuzz.arena import Arena
from tests.fuzz.corpus import corpus

pytestmark = pytest.mark.timeout(120)


def test_the_stream_begins_whatever_last_event_id_is_sent(arena: Arena) -> None:
    token = arena.token("salesperson")
    sent = ["0", "1-1", "99999999999999999999", "'; --", "{{7*7}}", "\xff\xfe", "a" * 100]
    sent += [e.value for e in corpus() if e.value.isascii() and e.value.isprintable() and e.value == e.value.strip()][
        :40
    ]
    for last_event_id in sent:
        headers = [(b"Authorization", f"Bearer {token}".encode()), (b"Last-Event-ID", last_event_id.encode("latin-1"))]
        with httpx.stream("GET", f"{arena.url}/api/v1/live", headers=headers, timeout=30) as answer:
            if len(last_event_id) > 100:
                assert answer.status_code == 422
                continue
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            events = (line.removeprefix("event: ") for line in answer.iter_lines() if line.startswith("event: "))
            assert next(events) in ("snapshot", "reset"), last_event_id


def test_the_stream_refuses_strangers_and_other_methods(arena: Arena) -> None:
    assert httpx.get(f"{arena.url}/api/v1/live").status_code == 401
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = httpx.request(method, f"{arena.url}/api/v1/live", headers={"Authorization": "Bearer x"})
        assert answer.status_code in (401, 405), method
        if answer.status_code == 405:
            assert answer.headers["allow"] == "GET"
