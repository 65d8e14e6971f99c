"""A PBX that speaks the generic webhook: makes the signed requests of whole calls, for benches and tests."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request ready to be posted to the hook's address."""

    body: bytes
    headers: dict[str, str]


def signed(event: dict[str, Any], secret: str, at: float) -> SignedRequest:
    """The event signed at the second `at`."""
    body = json.dumps(event).encode("utf-8")
    mac = hmac.new(secret.encode("utf-8"), digestmod="sha256")
    mac.update(f"{int(at)}.".encode())
    mac.update(body)
    headers = {"Content-Type": "application/json", "X-Signature": f"t={int(at)},v1={mac.hexdigest()}"}
    return SignedRequest(body, headers)


def event(name: str, call_id: str, at: float | str, **more: Any) -> dict[str, Any]:
    """One event with an id of its own."""
    return {"event": name, "event_id": str(uuid4()), "call_id": call_id, "ts": at, **more}


def missed_call(caller: str, line: str, extensions: Sequence[str], at: float, *, ring_s: float) -> list[dict[str, Any]]:
    """A ring group nobody answers."""
    call_id = hashlib.sha256(f"{caller}{line}{at}{uuid4()}".encode()).hexdigest()[:24]
    common = {"direction": "in", "from": caller, "to": line, "line": line}
    rings = [event("call.ringing", call_id, at, extension=extension, **common) for extension in extensions]
    return [event("call.started", call_id, at, **common), *rings, event("call.ended", call_id, at + ring_s, **common)]


def answered_call(
    caller: str, line: str, extensions: Sequence[str], at: float, *, ring_s: float, talk_s: float
) -> list[dict[str, Any]]:
    """A ring group whose first extension answers."""
    events = missed_call(caller, line, extensions, at, ring_s=ring_s + talk_s)
    common = {"direction": "in", "from": caller, "to": line, "line": line}
    answer = event("call.answered", events[0]["call_id"], at + ring_s, extension=extensions[0], **common)
    return [*events[:-1], answer, events[-1]]
