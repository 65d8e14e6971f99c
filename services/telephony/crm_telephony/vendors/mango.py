"""Mango Office VPBX API (vendor's PDF v1.9): events/call, /summary, /recording, /record/added, commands/callback.

Both directions are signed `sign = sha256_hex(api_key + json + salt)` over the raw `json` form field. Nothing
signed proves freshness; a replay is caught by the event key for ever. Times are unix seconds; the manual says
"UTC+3", which the fold's clock offset absorbs if an account turns out to mean it [not confirmed].
`dtmf`, `sms` and `record/tagged` are kept raw and tell nothing about a call. A recording is had by its id, through
a link we sign ourselves for a few minutes, as client code does [not confirmed: the seconds a link may live]; it is
looked for when `events/recording` says Completed, and from `record/added` where that names its `entry_id`.
Not confirmed with a live account: which sides the first leg of a click-to-call names; both ways seen in
client code are read (customer → extension, and extension → customer).
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID

from crm_telephony.numbers.rules import is_hidden
from crm_telephony.vendors import strict_json
from crm_telephony.vendors.port import (
    CallOver,
    Cause,
    CommandResult,
    DialOrder,
    DialRequest,
    Direction,
    ForgedError,
    HookRequest,
    Kind,
    LegSeen,
    MalformedError,
    Parsed,
    Party,
    RecordingTold,
    Refusal,
    Secrets,
    Side,
)

DONE = 1000
LINK_LIVES_S = 600
_FIELDS = (b"vpbx_api_key", b"sign", b"json")
_STATES = {
    "Appeared": Kind.RINGING,
    "Connected": Kind.ANSWERED,
    "OnHold": Kind.HELD,
    "Disconnected": Kind.ENDED,
}
_DIRECTIONS: dict[str, Direction] = {"0": "internal", "1": "in", "2": "out"}
_CAUSES = {
    1110: Cause.CALLER,
    1111: Cause.NO_ANSWER,
    1121: Cause.BUSY,
    1122: Cause.DECLINED,
    1123: Cause.DECLINED,
    1124: Cause.NO_ANSWER,
    1170: Cause.ELSEWHERE,
}


def _cause(code: int) -> Cause | None:
    """By the vendor's table: 11xx normal, of it 113x–115x the number or its limits; 2xxx billing, else faults."""
    if not code:
        return None
    if code in _CAUSES:
        return _CAUSES[code]
    if code >= 2000 or 1130 <= code < 1160:
        return Cause.FAILED
    return Cause.NORMAL


def signature(api_key: str, payload: bytes, salt: str) -> str:
    """The vendor's signature of a raw payload, lower-case hex."""
    return hashlib.sha256(api_key.encode() + payload + salt.encode()).hexdigest()


def _fields(body: bytes) -> dict[bytes, bytes]:
    try:
        # Given bytes, parse_qsl refuses every letter that is not ASCII; Latin-1 stands for each byte by itself.
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=16, encoding="latin-1")
    except ValueError as error:
        raise ForgedError("no form", Refusal.NOT_SIGNED) from error
    fields = {name.encode("latin-1"): value.encode("latin-1") for name, value in pairs}
    if len(fields) != len(pairs) or any(name not in fields for name in _FIELDS):
        raise ForgedError("not the three fields of a signed form", Refusal.NOT_SIGNED)
    return fields


class Mango:
    """The adapter of Mango Office."""

    name = "mango"
    answer_body = ""
    answer_content_type = "text/plain"
    needs: tuple[str, ...] = ("api_key", "salt")

    def authenticate(self, request: HookRequest, secrets: Secrets, networks: Sequence[str]) -> None:
        """The key is ours and the signature fits the raw `json` field."""
        fields = _fields(request.body)
        if not secrets.api_key or not secrets.salt:
            raise ForgedError("the connection has no key")
        expected = signature(secrets.api_key, fields[b"json"], secrets.salt).encode()
        known = hmac.compare_digest(secrets.api_key.encode(), fields[b"vpbx_api_key"])
        if not (hmac.compare_digest(expected, fields[b"sign"]) and known):
            raise ForgedError("bad signature")

    def payload(self, body: bytes) -> bytes:
        """The raw `json` field."""
        return _fields(body)[b"json"]

    def keepable(self, body: bytes) -> bytes:
        """The form with an empty key."""
        return urlencode(_fields(body) | {b"vpbx_api_key": b""}).encode()

    def parse(self, path: str, payload: bytes, arrived: float) -> Parsed:
        """Read by the path the vendor appended to the hook's address."""
        event = strict_json.read_object(payload)
        match path:
            case "events/call":
                return _call(event, arrived)
            case "events/summary":
                return _summary(event, arrived)
            case "events/recording":
                return _recording(event)
            case "events/record/added":
                return _record_added(event, payload)
            case "result/callback":
                return _result(event)
            case _:
                digest = hashlib.sha256(payload).hexdigest()
                return Parsed(event_key=f"x:{path[:80]}:{digest}")

    def recording_url(self, told: RecordingTold, secrets: Secrets, api_url: str | None, at: datetime) -> str:
        """queries/recording/link: sha256_hex(key + expires + id + salt) opens it until `expires`."""
        if not api_url:
            return ""
        expires = int(at.timestamp()) + LINK_LIVES_S
        proof = signature(secrets.api_key, f"{expires}{told.key}".encode(), secrets.salt)
        steps = (told.key, "play", secrets.api_key, str(expires), proof)
        return f"{api_url.rstrip('/')}/queries/recording/link/" + "/".join(quote(step, safe="") for step in steps)

    def dial(self, order: DialOrder, secrets: Secrets, api_url: str) -> DialRequest:
        """commands/callback: the extension rings first, then the customer; events carry our id."""
        command: dict[str, Any] = {
            "command_id": str(order.command_id),
            "from": {"extension": order.extension},
            "to_number": order.to_e164.removeprefix("+"),
        }
        if order.line:
            command["line_number"] = order.line.removeprefix("+")
        payload = json.dumps(command, separators=(",", ":"))
        return DialRequest(
            url=f"{api_url.rstrip('/')}/commands/callback",
            form={
                "vpbx_api_key": secrets.api_key,
                "sign": signature(secrets.api_key, payload.encode(), secrets.salt),
                "json": payload,
            },
        )

    def dial_refusal(self, status: int, body: bytes) -> str | None:
        """2xx with result 1000 is taken, another result or status is refused; a 5xx or 408 tells nothing."""
        if status >= 500 or status == 408:
            raise MalformedError(f"HTTP {status}")
        if not 200 <= status < 300:
            return f"The PBX refused (HTTP {status})."
        result = strict_json.integer_of(strict_json.read_object(body), "result", DONE) if body.strip() else DONE
        return None if result == DONE else f"The PBX refused (result {result})."


def _side(event: dict[str, Any], key: str) -> Side:
    written = strict_json.object_of(event, key)
    number = strict_json.text_of(written, "number")
    extension = strict_json.text_of(written, "extension")
    if number.lower().startswith(("sip:", "sips:")):
        number = ""
    return Side(extension=extension, number="" if is_hidden(number) else number)


def _command_id(event: dict[str, Any]) -> UUID | None:
    """Ours is a UUID; another system's id is none of our business."""
    try:
        return UUID(strict_json.text_of(event, "command_id"))
    except ValueError:
        return None


def _call(event: dict[str, Any], arrived: float) -> Parsed:
    entry = strict_json.text_of(event, "entry_id", required=True)
    leg = strict_json.text_of(event, "call_id", required=True)
    state = strict_json.text_of(event, "call_state", required=True)
    seq = strict_json.integer_of(event, "seq", 0)
    if state not in _STATES:
        raise MalformedError("call_state must be Appeared, Connected, OnHold or Disconnected")
    caller, callee = _side(event, "from"), _side(event, "to")
    source, target = strict_json.object_of(event, "from"), strict_json.object_of(event, "to")
    taken_from = strict_json.text_of(source, "taken_from_call_id")
    ordered = bool(
        strict_json.text_of(event, "callback_initiator")
        or strict_json.text_of(event, "task_id")
        or (strict_json.text_of(event, "command_id") and not taken_from)  # with it: a call routed by command
    )
    party = _party(strict_json.text_of(event, "location"), callee)
    seen = LegSeen(
        kind=_STATES[state],
        leg=leg,
        at=strict_json.seconds_of(event, "timestamp"),
        arrived=arrived,
        seq=seq,
        party=party,
        caller=caller,
        callee=callee,
        line=_line(strict_json.text_of(target, "line_number"), callee, party),
        direction="out" if ordered else _direction(caller, callee),
        cause=_cause(strict_json.integer_of(event, "disconnect_reason", 0)),
        command_id=_command_id(event),
        taken_from=taken_from,
    )
    return Parsed(event_key=f"c:{leg}:{seq}", call_key=entry, seen=(seen,))


def _line(written: str, callee: Side, party: Party) -> str:
    """The company's number: named as such, or what was dialled when a machine took the call."""
    if written:
        return written
    return callee.number if party in (Party.IVR, Party.QUEUE) else ""


def _party(location: str, callee: Side) -> Party:
    if location == "ivr":
        return Party.IVR
    if location == "queue":
        return Party.QUEUE
    return Party.EXTENSION if callee.extension else Party.PHONE


def _direction(caller: Side, callee: Side) -> Direction:
    if not caller.extension:
        return "in"
    return "internal" if callee.extension else "out"


def _summary(event: dict[str, Any], arrived: float) -> Parsed:
    """The final record. `talk_time` 0 means no talk, whatever `entry_result` says.

    The manual's own example of a call missed in the IVR has `entry_result` 1 with `talk_time` 0.
    """
    entry = strict_json.text_of(event, "entry_id", required=True)
    over = CallOver(
        at=strict_json.seconds_of(event, "end_time"),
        arrived=arrived,
        authority=True,
        started_at=strict_json.optional_seconds_of(event, "create_time"),
        talked_at=strict_json.optional_seconds_of(event, "talk_time"),
        caller=_side(event, "from"),
        callee=_side(event, "to"),
        line=strict_json.text_of(event, "line_number"),
        direction=_DIRECTIONS.get(strict_json.text_of(event, "call_direction")),
        cause=_cause(strict_json.integer_of(event, "disconnect_reason", 0)),
    )
    return Parsed(event_key=f"s:{entry}", call_key=entry, seen=(over,))


def _result(event: dict[str, Any]) -> Parsed:
    """The answer to a command comes later, on its own; only ours (a UUID) concerns a call."""
    written = strict_json.text_of(event, "command_id", required=True)
    result = strict_json.integer_of(event, "result", 0)
    command_id = _command_id(event)
    key = f"k:{written}"
    if command_id is None:
        return Parsed(event_key=key)
    refusal = None if result == DONE else f"The PBX refused (result {result})."
    return Parsed(event_key=key, command=CommandResult(command_id, refusal))


def _recording(event: dict[str, Any]) -> Parsed:
    """Completed with code 1000: there is something to hear. Started and Continued say nothing yet."""
    id = strict_json.text_of(event, "recording_id", required=True)
    key = f"r:{id}:{strict_json.integer_of(event, 'seq', 0)}"
    entry = strict_json.text_of(event, "entry_id")
    completed = strict_json.text_of(event, "recording_state") == "Completed"
    if not completed or not entry or strict_json.integer_of(event, "completion_code", DONE) != DONE:
        return Parsed(event_key=key)
    return Parsed(event_key=key, call_key=entry, recording=RecordingTold(id))


def _record_added(event: dict[str, Any], payload: bytes) -> Parsed:
    key = f"x:events/record/added:{hashlib.sha256(payload).hexdigest()}"
    id, entry = strict_json.text_of(event, "recording_id"), strict_json.text_of(event, "entry_id")
    return Parsed(event_key=key, call_key=entry, recording=RecordingTold(id)) if id and entry else Parsed(event_key=key)
