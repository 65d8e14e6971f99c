"""When a recording is asked for again, what may be asked, what is a sound, which bytes a Range means. Pure.

Owns the ladder of attempts, which addresses of the network are public, and HTTP's Range (RFC 9110 §14). Must never
know a vendor, a socket or a clock: time is an argument.
"""

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from crm_contracts.telephony import RecordingFault

LADDER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=24),
)
"""After the n-th attempt that failed, the next comes so much later; after the last there is none."""

_HOPELESS: frozenset[RecordingFault] = frozenset({"forbidden_address", "too_large"})
_NUMBER = re.compile(r"[0-9]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Origin(NamedTuple):
    """A scheme, host and port of the web."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a recording after an attempt that failed."""

    state: Literal["pending", "failed", "absent"]
    try_after: datetime | None


def after_failure(reason: RecordingFault, attempts: int, at: datetime) -> Verdict:
    """Tried again by the ladder; given up at its end, or at once where another attempt could not end otherwise."""
    if reason in _HOPELESS:
        return Verdict("failed", None)
    if attempts <= len(LADDER):
        return Verdict("pending", at + LADDER[attempts - 1])
    return Verdict("absent" if reason == "not_there" else "failed", None)


def is_public(address: str) -> bool:
    """Whether the address is one of the public internet, however it is written or wrapped."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def may_follow(source: Origin, target: Origin) -> bool:
    """Whether a redirect leads on: never to another kind of address, and not out of TLS."""
    return target.scheme == "https" or (target.scheme, source.scheme) == ("http", "http")


def sound_of(head: bytes) -> str | None:
    """The type of a sound by its first bytes; None for what is none, whatever its sender calls it."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if head[:4] == b"OggS":
        return "audio/ogg"
    return "audio/mp4" if head[4:8] == b"ftyp" else None


EXTENSIONS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/ogg": "ogg", "audio/mp4": "m4a"}


def wav_seconds(head: bytes, size: int) -> int | None:
    """How long a WAV of `size` bytes lasts, by its usual header; None when that is not how it begins."""
    if sound_of(head) != "audio/wav" or head[12:16] != b"fmt ":
        return None
    rate = int.from_bytes(head[28:32], "little")
    return round((size - 44) / rate) if rate and size > 44 else None


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file, both ends included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


def part_of(header: str | None, size: int) -> Part | Literal["whole", "none"]:
    """What a Range header asks of a file of `size` > 0 bytes: one part, the whole of it, or nothing it has (416).

    A header that can not be read, another unit, and several ranges at once get the whole file, as a server may give.
    """
    unit, _, ranges = (header or "").strip().partition("=")
    if unit.lower() != "bytes":
        return "whole"
    asked = [spec.strip(" \t") for spec in ranges.split(",")]
    asked = [spec for spec in asked if spec]
    if len(asked) != 1:
        return "whole"
    first, dash, last = asked[0].partition("-")
    if not dash or not (first or last) or not all(_NUMBER.fullmatch(end) for end in (first, last) if end):
        return "whole"
    if not first:
        suffix = _bounded(last, size)
        return Part(size - suffix, size - 1) if suffix else "none"
    begin, end = _bounded(first, size), _bounded(last, size) if last else size
    if last and _is_less(last, first):
        return "whole"
    return Part(begin, min(end, size - 1)) if begin < size else "none"


def still_fits(if_range: str | None, etag: str) -> bool:
    """Whether the part may be given: no If-Range, or one that names this very file. A date names none of ours."""
    return if_range is None or if_range.strip() == etag


def _bounded(digits: str, most: int) -> int:
    """The number, or `most` for all that are larger: a stranger may write more digits than an int takes."""
    plain = digits.lstrip("0")
    return most if len(plain) > 18 else min(int(plain or "0"), most)


def _is_less(one: str, other: str) -> bool:
    a, b = one.lstrip("0"), other.lstrip("0")
    return (len(a), a) < (len(b), b)
