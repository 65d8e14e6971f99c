"""A request of a PBX as it arrived, kept whole so that it can be judged later as if now. Pure.

Owns what telephony needs to verify a signature: raw bytes, original headers, the address as the PBX saw it, and
when and from where it came. Must never know a vendor.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson

from crm_gateway.proxy.rules import Headers, inward

MAX_BODY_BYTES = 256 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,128}")
_LOOKUP = re.compile(r"(?:.*/)?lookup/?")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One hook. `target` is path and query, `headers` are the sender's own."""

    method: str
    target: str
    public_url: str
    headers: Headers
    body: bytes
    remote_ip: str
    arrived_at: datetime
    correlation_id: UUID

    def sent_on(self) -> Headers:
        """The headers for the owner: the sender's own, and what only the gateway can say.

        The sender's Authorization travels as X-Hook-Authorization, as ours takes its place.
        """
        kept = inward(self.headers)
        kept += [("x-hook-authorization", value) for name, value in self.headers if name.lower() == "authorization"]
        return [
            *kept,
            ("x-hook-arrived-at", self.arrived_at.astimezone(UTC).isoformat(timespec="microseconds")),
            ("x-hook-remote-ip", self.remote_ip),
            ("x-hook-public-url", self.public_url),
        ]

    def parked(self) -> tuple[bytes, dict[str, str]]:
        """Body and text headers for the parking queue."""
        return self.body, {
            "method": self.method,
            "target": self.target,
            "public_url": self.public_url,
            "headers": orjson.dumps(self.headers).decode(),
            "remote_ip": self.remote_ip,
            "arrived_at": self.arrived_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "correlation_id": str(self.correlation_id),
        }

    @classmethod
    def unparked(cls, body: bytes, kept: Mapping[str, str]) -> "Arrival":
        """The arrival that was parked; ValueError or KeyError for anything else."""
        headers = orjson.loads(kept["headers"])
        return cls(
            method=kept["method"],
            target=kept["target"],
            public_url=kept["public_url"],
            headers=[(str(name), str(value)) for name, value in headers],
            body=body,
            remote_ip=kept["remote_ip"],
            arrived_at=datetime.fromisoformat(kept["arrived_at"]),
            correlation_id=UUID(kept["correlation_id"]),
        )


def could_be_token(text: str) -> bool:
    """Whether a path part has the shape of a token at all."""
    return _TOKEN.fullmatch(text) is not None


def is_lookup(vendor_path: str) -> bool:
    """Whether the PBX waits for the caller's name rather than tells an event."""
    return _LOOKUP.fullmatch(vendor_path) is not None


def is_owner_trouble(status: int, code: object) -> bool:
    """Whether an answer says the owner is unwell (or does not believe the gateway), not that the hook is bad."""
    return status >= 500 or status == 429 or (status == 401 and code in ("unauthorized", "bad_internal_token"))
