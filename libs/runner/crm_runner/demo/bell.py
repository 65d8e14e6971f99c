"""When the demo's telephone rings, and whom: soon after somebody opens a page, then now and then. Pure.

Must never know a clock or the network: times are seconds of any steady clock.
"""

import random
from collections.abc import Collection

SOON_S = (1.5, 3.0)
AGAIN_S = (40.0, 90.0)
NOBODY_S = (90.0, 240.0)
_REMEMBERED_S = 120.0
_ANYBODY = ""


class Bell:
    """Remembers whom it rang when. Asked each second or so."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._next: dict[str, float] = {}
        self._seen: dict[str, float] = {}

    def rings(self, present: Collection[str], at: float) -> list[str]:
        """Whose phones ring now; an empty name is anybody's, when nobody is there.

        Who leaves and comes back within two minutes (a page loaded anew) is not new.
        """
        waiting = sorted(present) or [_ANYBODY]
        for name in waiting:
            if at - self._seen.get(name, -_REMEMBERED_S) >= _REMEMBERED_S:
                self._next[name] = at + self._dice.uniform(*(SOON_S if name else NOBODY_S))
            self._seen[name] = at
        due = [name for name in waiting if self._next[name] <= at]
        for name in due:
            self._next[name] = at + self._dice.uniform(*(AGAIN_S if name else NOBODY_S))
        return due
