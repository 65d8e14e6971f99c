"""Our own signed webhook, for any PBX or connector (telephony.md §4, "The generic signed webhook").

`X-Signature: t=<unix>,v1=<hex hmac-sha256(secret, t + "." + raw body)>` within five minutes of arrival, or
`X-Api-Key` from a listed network. Without `leg_id`, an event with an `extension` is about that extension's leg
and `call.ended` / `call.failed` about the whole call.
"""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime

from crm_telephony.numbers.rules import is_extension
from crm_telephony.vendors import strict_json
from crm_telephony.vendors.port import (
    CallOver,
    Cause,
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
    Seen,
    Side,
)

WINDOW_S = 300
LONGEST_S = 86_400
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_LEG_EVENTS = {
    "call.started": Kind.RINGING,
    "call.ringing": Kind.RINGING,
    "call.answered": Kind.ANSWERED,
    "call.held": Kind.HELD,
    "call.resumed": Kind.RESUMED,
    "call.transferred": Kind.RINGING,
}
_ENDINGS = ("call.ended", "call.failed")
_SIP_CAUSES = {
    408: Cause.NO_ANSWER,
    480: Cause.NO_ANSWER,
    486: Cause.BUSY,
    487: Cause.CALLER,
    600: Cause.BUSY,
    603: Cause.DECLINED,
}


class Generic:
    """The adapter of the generic webhook; it can be listened to, not told to dial."""

    name = "generic"
    answer_body = '{"status":"ok"}'
    answer_content_type = "application/json"
    needs: tuple[str, ...] = ()

    def authenticate(self, request: HookRequest, secrets: Secrets, networks: Sequence[str]) -> None:
        """Signature and window, or the API key from a trusted network."""
        if "x-signature" in request.headers:
            self._check_signature(request, secrets)
        elif "x-api-key" in request.headers:
            self._check_api_key(request, secrets, networks)
        else:
            raise ForgedError("not signed", Refusal.NOT_SIGNED)

    def _check_signature(self, request: HookRequest, secrets: Secrets) -> None:
        match = _SIGNATURE.fullmatch(request.headers["x-signature"])
        if match is None or not secrets.hook_secret:
            raise ForgedError("no signature that could hold")
        signed = match[1].encode() + b"." + request.body
        expected = hmac.new(secrets.hook_secret.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, match[2]):
            raise ForgedError("bad signature")
        if abs(request.arrived_at.timestamp() - int(match[1])) > WINDOW_S:
            raise ForgedError("stale signature", Refusal.STALE)

    def _check_api_key(self, request: HookRequest, secrets: Secrets, networks: Sequence[str]) -> None:
        given = request.headers["x-api-key"].encode()
        if not secrets.hook_api_key or not hmac.compare_digest(secrets.hook_api_key.encode(), given):
            raise ForgedError("bad API key", Refusal.BAD_API_KEY)
        try:
            address = ipaddress.ip_address(request.remote_ip or "")
        except ValueError as error:
            raise ForgedError("no address to trust", Refusal.UNTRUSTED_NETWORK) from error
        if not any(address in ipaddress.ip_network(network) for network in networks):
            raise ForgedError("not from a trusted network", Refusal.UNTRUSTED_NETWORK)

    def payload(self, body: bytes) -> bytes:
        """The body itself is what is signed."""
        return body

    def keepable(self, body: bytes) -> bytes:
        """The body: secrets stand in headers only."""
        return body

    def recording_url(self, told: RecordingTold, secrets: Secrets, api_url: str | None, at: datetime) -> str:
        """As the webhook said."""
        return told.url

    def parse(self, path: str, payload: bytes, arrived: float) -> Parsed:
        """One JSON object with `event`, `event_id`, `call_id`, `ts`; unknown fields are let be."""
        event = strict_json.read_object(payload)
        key = strict_json.text_of(event, "event_id", required=True)
        name = strict_json.text_of(event, "event", required=True)
        call_key = strict_json.text_of(event, "call_id", required=True)
        if name == "recording.ready":
            return _recording(event, key, call_key)
        at = strict_json.seconds_of(event, "ts")
        caller, callee = _sides(event)
        leg = strict_json.text_of(event, "leg_id") or callee.extension or caller.extension or "call"
        line = strict_json.text_of(event, "line")
        direction = _direction(event, caller, callee)
        if name in _LEG_EVENTS:
            seen: Seen = LegSeen(
                kind=_LEG_EVENTS[name],
                leg=leg,
                at=at,
                arrived=arrived,
                party=_party(name, direction, callee),
                caller=caller,
                callee=callee,
                line=line,
                direction=direction,
                taken_from="transfer" if name == "call.transferred" else "",
            )
        elif name in _ENDINGS:
            cause = _SIP_CAUSES.get(strict_json.integer_of(event, "sip_code", 0))
            if cause is None:
                cause = Cause.FAILED if name == "call.failed" else Cause.NORMAL
            if strict_json.text_of(event, "leg_id"):
                seen = LegSeen(
                    kind=Kind.ENDED,
                    leg=leg,
                    at=at,
                    arrived=arrived,
                    party=_party(name, direction, callee),
                    caller=caller,
                    callee=callee,
                    line=line,
                    direction=direction,
                    cause=cause,
                )
            else:
                seen = CallOver(
                    at=at,
                    arrived=arrived,
                    caller=caller,
                    callee=callee,
                    line=line,
                    direction=direction,
                    cause=cause,
                )
        else:
            raise MalformedError(f"unknown event {name}")
        return Parsed(event_key=key, call_key=call_key, seen=(seen,))


def _recording(event: dict[str, object], key: str, call_key: str) -> Parsed:
    """`recording_url` says where, `duration` how many seconds it lasts, `recording_id` which one when told again."""
    url = strict_json.url_of(event, "recording_url")
    if not url:
        return Parsed(event_key=key)
    told = RecordingTold(
        key=strict_json.text_of(event, "recording_id") or key, url=url, duration_s=_duration(event, "duration")
    )
    return Parsed(event_key=key, call_key=call_key, recording=told)


def _duration(event: dict[str, object], key: str) -> int | None:
    written = strict_json.text_of(event, key)
    try:
        seconds = float(written) if written else None
    except ValueError as error:
        raise MalformedError(f"{key} must be seconds") from error
    if seconds is None:
        return None
    if not 0 <= seconds <= LONGEST_S:
        raise MalformedError(f"{key} must be between 0 and {LONGEST_S} seconds")
    return round(seconds)


def _sides(event: dict[str, object]) -> tuple[Side, Side]:
    """Caller and callee; `extension` is our end, on whichever side the other number is not."""
    caller, callee = strict_json.text_of(event, "from"), strict_json.text_of(event, "to")
    extension = strict_json.text_of(event, "extension")
    from_inside, to_inside = is_extension(caller), is_extension(callee)
    outgoing = strict_json.text_of(event, "direction") == "out" or (from_inside and not to_inside)
    return (
        Side(
            extension=(extension if outgoing and extension else caller if from_inside else ""),
            number="" if from_inside else caller,
        ),
        Side(
            extension=(extension if not outgoing and extension else callee if to_inside else ""),
            number="" if to_inside else callee,
        ),
    )


def _direction(event: dict[str, object], caller: Side, callee: Side) -> Direction:
    written = strict_json.text_of(event, "direction")
    if written == "in":
        return "in"
    if written == "out":
        return "out"
    if written == "internal":
        return "internal"
    if written:
        raise MalformedError("direction must be in, out or internal")
    if caller.extension:
        return "internal" if callee.extension else "out"
    return "in"


def _party(name: str, direction: Direction, callee: Side) -> Party | None:
    """Whom the leg reaches; an inbound call that only began or ended says nothing of it."""
    if callee.extension:
        return Party.EXTENSION
    if direction == "in" and name in ("call.started", *_ENDINGS):
        return None
    return Party.PHONE
