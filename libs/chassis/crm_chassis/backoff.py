"""Waiting between tries at something that is away: 0.2 s doubling to 5 s, with jitter.

The first seconds are no news (everything starts at once, a broker restarts); what stays away is.
"""

import asyncio
import random
from typing import Any

NEWS_AFTER_S = 10.0


class Backoff:
    """Each `wait` is longer than the one before until `reset`."""

    def __init__(self, first_s: float = 0.2, most_s: float = 5.0) -> None:
        self._first = first_s
        self._most = most_s
        self._next = first_s
        self._waited = 0.0

    def reset(self) -> None:
        """The thing is back."""
        self._next = self._first
        self._waited = 0.0

    def tell(self, log: Any, event: str, **details: Any) -> None:
        """One log line on the wait: for debugging at first, a warning once it has lasted ten seconds."""
        say = log.warning if self._waited >= NEWS_AFTER_S else log.debug
        say(event, waited_s=round(self._waited, 1), **details)

    async def wait(self) -> None:
        """Sleep for the current delay, then double it."""
        delay = self._next * random.uniform(0.7, 1.0)
        self._next = min(self._next * 2, self._most)
        self._waited += delay
        await asyncio.sleep(delay)
