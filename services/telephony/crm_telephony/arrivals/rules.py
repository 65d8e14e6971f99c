"""What a webhook was about, in one word that names nobody. Pure."""

from typing import Literal

from crm_telephony.vendors.port import CallOver, ForgedError, MalformedError, Parsed, Vendor

What = Literal["ringing", "answered", "held", "resumed", "ended", "call_over", "command_result", "other"]


def what_of(parsed: Parsed) -> What:
    """The word for a webhook that was read."""
    if parsed.command is not None:
        return "command_result"
    if not parsed.seen:
        return "other"
    last = parsed.seen[-1]
    return "call_over" if isinstance(last, CallOver) else last.kind.value


def what_was(vendor: Vendor, path: str, body: bytes) -> What:
    """The word for a webhook as it was kept; "other" for one today's adapter can not read any more."""
    try:
        return what_of(vendor.parse(path, vendor.payload(body), 0.0))
    except (ForgedError, MalformedError):
        return "other"
