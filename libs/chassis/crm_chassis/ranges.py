"""Which bytes of a thing a `Range` header asks for (RFC 9110 §14). Pure; must never know where the bytes are."""

import re
from dataclasses import dataclass
from typing import Literal

# Longer numbers are no sane request: the header is then ignored, which every server may do.
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to answer: bytes `start` up to, not including, `stop` of `size`; none at all with 416."""

    status: Literal[200, 206, 416]
    start: int
    stop: int
    size: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell the client which bytes it gets."""
        if self.status == 416:
            return {"Accept-Ranges": "bytes", "Content-Range": f"bytes */{self.size}"}
        told = {"Accept-Ranges": "bytes", "Content-Length": str(self.stop - self.start)}
        if self.status == 206:
            told["Content-Range"] = f"bytes {self.start}-{self.stop - 1}/{self.size}"
        return told


def plan(header: str | None, size: int) -> Plan:
    """The answer to a `Range` header, None when there is none, about `size` bytes.

    The whole for a header of another unit, that is malformed or asks for several ranges; 416 when what it asks for
    begins behind the end.
    """
    whole = Plan(200, 0, size, size)
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return whole
    first, last = match.groups()
    if not first:
        return _suffix(int(last), size) if last else whole
    start = int(first)
    if last and int(last) < start:
        return whole
    if start >= size:
        return Plan(416, 0, 0, size)
    return Plan(206, start, min(int(last) + 1, size) if last else size, size)


def _suffix(length: int, size: int) -> Plan:
    if not length:
        return Plan(416, 0, 0, size)
    return Plan(206, max(size - length, 0), size, size) if size else Plan(200, 0, 0, 0)
