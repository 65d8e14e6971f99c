"""How long to wait after so many wrong passwords. Pure: time is an argument.

Owns what is counted together and how patiently. Must never know whether an account exists: the answer is the same.
Every wait is bounded, so that nobody can be locked out of their account for ever.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

FORGET_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Patience:
    """So many wrong guesses are free; each further one doubles the wait from `first` to `longest`."""

    free: int
    first: timedelta
    longest: timedelta


# One address at one account: somebody who forgot, or somebody who tries.
AT_ONE_ACCOUNT = Patience(5, timedelta(seconds=30), timedelta(minutes=15))
# All addresses at one account: a guess distributed over many. Its owner waits no longer than a minute at a time.
AT_ACCOUNT = Patience(20, timedelta(seconds=10), timedelta(minutes=1))
# One address at all accounts: one password sprayed over many. A whole office may sit behind it.
FROM_ADDRESS = Patience(100, timedelta(seconds=10), timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Counter:
    """Something whose wrong guesses are counted; the key tells nothing of what it stands for."""

    key: bytes
    patience: Patience


@dataclass(frozen=True, slots=True)
class Count:
    """Wrong guesses so far, and when the last one was."""

    count: int
    last: datetime


def counters(address: str, account: str, *, familiar: bool) -> list[Counter]:
    """What a sign-in counts for.

    From an address the account's owner signed in from lately only their own guesses count: nobody elsewhere can make
    them wait.
    """
    own = Counter(_key("pair", address, account), AT_ONE_ACCOUNT)
    if familiar:
        return [own]
    return [own, Counter(_key("account", account), AT_ACCOUNT), Counter(_key("address", address), FROM_ADDRESS)]


def own_password(user_id: UUID) -> list[Counter]:
    """What a guess of one's current password, to change it, counts for."""
    return [Counter(_key("own", str(user_id)), AT_ONE_ACCOUNT)]


def wait_s(counted: Count, patience: Patience, now: datetime) -> int:
    """Whole seconds until the next guess may be made; 0 when it may now."""
    if counted.count < patience.free or now - counted.last > FORGET_AFTER:
        return 0
    doublings = min(counted.count - patience.free, 10)
    wait = min(patience.first * (1 << doublings), patience.longest)
    return max(0, ceil((counted.last + wait - now).total_seconds()))


def _key(kind: str, *parts: str) -> bytes:
    return hashlib.sha256("\0".join((kind, *parts)).encode()).digest()
