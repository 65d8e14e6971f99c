"""How many wrong guesses are too many, and which writes a browser may send. Pure: time is an argument.

Must never know whether the account exists: the answer for an unknown one is the same.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from urllib.parse import urlsplit

FREE_GUESSES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(minutes=30)
MAX_KEYS = 10_000
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class _Failures:
    count: int
    last: datetime


@dataclass(slots=True)
class Throttle:
    """Wrong guesses per (address, account): after five each further one doubles the wait, 30 s to 15 min."""

    _failures: "OrderedDict[tuple[str, str], _Failures]" = field(default_factory=OrderedDict)

    def wait_s(self, key: tuple[str, str], now: datetime) -> int:
        """Whole seconds until `key` may guess again; 0 when it may now."""
        known = self._failures.get(key)
        if known is None or known.count < FREE_GUESSES:
            return 0
        doublings = min(known.count - FREE_GUESSES, 10)
        wait = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
        return max(0, ceil((known.last + wait - now).total_seconds()))

    def failed(self, key: tuple[str, str], now: datetime) -> None:
        """One more wrong guess of `key`; the oldest key is forgotten beyond 10,000."""
        known = self._failures.pop(key, None)
        if known is None or now - known.last > FORGET_AFTER:
            known = _Failures(0, now)
        self._failures[key] = _Failures(known.count + 1, now)
        while len(self._failures) > MAX_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, key: tuple[str, str]) -> None:
        """The guesses of `key` are forgotten."""
        self._failures.pop(key, None)


def same_site(origin: str | None, host: str | None, public_origin: str) -> bool:
    """Whether a browser's write comes from our own pages.

    `origin` is the Origin header: it must be the public address, or name the very host the request was sent to.
    """
    if not origin or origin == "null":
        return False
    if origin == public_origin:
        return True
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc == host


def allowed_sign_in(origin: str | None, host: str | None, public_origin: str) -> bool:
    """Whether a sign-in may set a cookie: from our own pages, or from a client that is no browser."""
    return origin is None or same_site(origin, host, public_origin)
