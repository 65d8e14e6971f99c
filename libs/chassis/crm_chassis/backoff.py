"""Waiting between tries at something that is away: 0.2 s doubling to 5 s, with jitter."""

import asyncio
import random


class Backoff:
    """Each `wait` is longer than the one before until `reset`."""

    def __init__(self, first_s: float = 0.2, most_s: float = 5.0) -> None:
        self._first = first_s
        self._most = most_s
        self._next = first_s

    def reset(self) -> None:
        """The thing is back."""
        self._next = self._first

    async def wait(self) -> None:
        """Sleep for the current delay, then double it."""
        delay = self._next
        self._next = min(self._next * 2, self._most)
        await asyncio.sleep(delay * random.uniform(0.7, 1.0))
