"""What `make bench-web` prints: each figure beside its goal, with a bar that is full at the goal. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_WIDTH = 20


@dataclass(frozen=True)
class Figure:
    """A measured value; less is better. `value` None: it could not be measured, `note` says why."""

    name: str
    value: float | None
    goal: float
    unit: str
    note: str = ""

    @property
    def verdict(self) -> str:
        """`ok`, `over`, or that there is nothing to judge."""
        if self.value is None:
            return "not measured"
        return "over" if self.value > self.goal else "ok"

    @property
    def bar(self) -> str:
        """As long as the value is of the goal; what is over runs out of the frame, at most as far again."""
        part = (self.value or 0.0) / self.goal if self.goal else float(bool(self.value))
        full = min(round(part * _WIDTH), 2 * _WIDTH)
        return ("█" * min(full, _WIDTH)).ljust(_WIDTH, "·") + "▌" + "█" * max(0, full - _WIDTH)


def middle(values: Sequence[float]) -> float | None:
    """The median; None of nothing."""
    return statistics.median(values) if values else None


def worst_of_95(values: Sequence[float]) -> float | None:
    """What 95 of 100 are within (nearest rank); None of nothing."""
    ordered = sorted(values)
    return ordered[-(-len(ordered) * 95 // 100) - 1] if ordered else None


def plain(figures: Sequence[Figure]) -> str:
    """The table for a terminal."""
    cells = [
        (each.name, "–" if each.value is None else f"{each.value:g} {each.unit}", f"≤ {each.goal:g} {each.unit}")
        for each in figures
    ]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
    return "\n".join(
        f"{name.ljust(widths[0])}  {value.rjust(widths[1])}  {goal.rjust(widths[2])}  {each.bar}  {each.verdict}"
        + (f" — {each.note}" if each.note else "")
        for (name, value, goal), each in zip(cells, figures, strict=True)
    )


def kept(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """The figures as JSON keeps them."""
    return [asdict(each) | {"verdict": each.verdict} for each in figures]
