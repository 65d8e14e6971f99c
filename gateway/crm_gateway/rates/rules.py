"""Token buckets: a burst, and then a steady rate, for each of many keys. Pure: time is an argument.

Must never know what a key stands for.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from math import ceil

# A hundred bytes each: some megabytes at the very most.
MAX_KEYS = 20_000
# What is as good as one: sums of fractions may miss it by a hair.
_WHOLE = 1 - 1e-9


@dataclass(slots=True)
class _Level:
    left: float
    at: float


@dataclass(slots=True)
class Buckets:
    """`burst` at once and `rate` a second for each key; a rate of 0 lets everything pass.

    A key not heard of has a full bucket. Beyond 20,000 the key heard of longest ago is forgotten.
    """

    rate: float
    burst: float
    _levels: "OrderedDict[Hashable, _Level]" = field(default_factory=OrderedDict)

    def take(self, key: Hashable, now_s: float) -> int:
        """0 when one more may pass, and it is counted; else whole seconds until one may."""
        if self.rate <= 0:
            return 0
        level = self._level(key, now_s)
        if level.left < _WHOLE:
            return max(1, ceil((1 - level.left) / self.rate))
        level.left -= 1
        return 0

    def give_back(self, key: Hashable) -> None:
        """What was taken last turned out not to count."""
        level = self._levels.get(key)
        if level is not None:
            level.left = min(self.burst, level.left + 1)

    def _level(self, key: Hashable, now_s: float) -> _Level:
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = _Level(self.burst, now_s)
            if len(self._levels) > MAX_KEYS:
                self._levels.popitem(last=False)
        else:
            level.left = min(self.burst, level.left + max(0.0, now_s - level.at) * self.rate)
            level.at = max(level.at, now_s)
            self._levels.move_to_end(key)
        return level
