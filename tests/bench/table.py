"""The table of a bench run: what a row holds, whether it reaches its goal, how it is printed and kept. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

BAR = 0.5
"""The part of the bare limit's speed a row must reach."""
GROWTH = 2.0
"""How much slower a row may be with ten times the rows or more."""
_WRK = re.compile(r"^bench ((?:\w+=\d+ ?)+)$", re.MULTILINE)


@dataclass(frozen=True)
class Load:
    """What one run of requests came to. `refused` were answered with 4xx or 5xx, `broken` not at all."""

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    refused: int = 0
    broken: int = 0

    @property
    def per_s(self) -> float:
        """Requests a second that were answered well."""
        return max(0, self.requests - self.refused) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Goal:
    """What a row should come to on two quiet cores; None where nothing is asked."""

    p50_ms: float | None = None
    per_s: float | None = None
    seconds: float | None = None
    p95_ms: float | None = None
    cpu_ms: float | None = None

    def at(self, rows: int) -> "Goal":
        """The goal with so many people: a million may cost twice as much."""
        if rows < 1_000_000:
            return self
        p50_ms = None if self.p50_ms is None else self.p50_ms * GROWTH
        return replace(self, p50_ms=p50_ms, per_s=None if self.per_s is None else self.per_s / GROWTH)

    def __str__(self) -> str:
        parts = [f"{self.p50_ms:g} ms"] if self.p50_ms is not None else []
        parts += [f"{self.per_s:g}/s"] if self.per_s is not None else []
        parts += [f"p95 {self.p95_ms:g} ms"] if self.p95_ms is not None else []
        parts += [f"{self.cpu_ms:g} ms CPU"] if self.cpu_ms is not None else []
        parts += [f"done in {self.seconds:g} s"] if self.seconds is not None else []
        return ", ".join(parts) or "–"


@dataclass(frozen=True)
class Row:
    """A line of the table: ours with one client and with eight, the bare limit with eight, CPU a request by program.

    `seconds` is what a burst needed until all that follows from it was done, `bar` the least `share`.
    """

    name: str
    goal: Goal = field(default_factory=Goal)
    p50_ms: float | None = None
    p95_ms: float | None = None
    per_s: float | None = None
    bare_p50_ms: float | None = None
    bare_per_s: float | None = None
    cpu_ms: Mapping[str, float] = field(default_factory=dict)
    bare_cpu_ms: Mapping[str, float] = field(default_factory=dict)
    seconds: float | None = None
    refused: int = 0
    bar: float | None = BAR
    note: str = ""

    @property
    def share(self) -> float | None:
        """Our requests a second as a part of the bare limit's."""
        return self.per_s / self.bare_per_s if self.per_s and self.bare_per_s else None

    @property
    def cpu_share(self) -> float | None:
        """The bare limit's CPU a request as a part of ours: what `share` would be if nothing else ran here."""
        ours, bare = sum(self.cpu_ms.values()), sum(self.bare_cpu_ms.values())
        return bare / ours if ours and bare else None

    def misses(self) -> list[str]:
        """Which of the figures do not reach what is asked; a row that was not measured misses nothing."""
        asked = {
            "p50": _over(self.p50_ms, self.goal.p50_ms),
            "req/s": _over(self.goal.per_s, self.per_s),
            "seconds": _over(self.seconds, self.goal.seconds),
            "p95": _over(self.p95_ms, self.goal.p95_ms),
            "CPU": _over(sum(self.cpu_ms.values()), self.goal.cpu_ms),
            "ratio": _over(self.bar, self.share),
            "refused": self.refused > 0,
        }
        return [name for name, missed in asked.items() if missed]

    @property
    def verdict(self) -> str:
        """`ok`, what it misses, or that there was nothing to judge."""
        if self.p50_ms is None and self.per_s is None:
            return "not measured"
        return "miss: " + ", ".join(self.misses()) if self.misses() else "ok"


def _over(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """The smallest value with at least `percent` of all values at or below it (nearest rank); 0 when there is none."""
    if not sorted_values:
        return 0.0
    rank = -(-len(sorted_values) * percent // 100)
    return sorted_values[max(0, int(rank) - 1)]


def load_of(latencies_s: Sequence[float], seconds: float, refused: int = 0, broken: int = 0) -> Load:
    """The figures of requests that took so long each."""
    ordered = sorted(latencies_s)
    p50, p95, p99 = (round(percentile(ordered, percent) * 1000, 3) for percent in (50, 95, 99))
    return Load(len(ordered), seconds, p50, p95, p99, refused, broken)


def read_wrk(output: str) -> Load:
    """What our script had wrk print at its end; ValueError when it did not get that far."""
    found = _WRK.search(output)
    if found is None:
        raise ValueError(f"wrk did not report: {output[-300:]!r}")
    told = {name: int(value) for name, value in (part.split("=") for part in found[1].split())}
    return Load(
        requests=told["requests"],
        seconds=told["us"] / 1e6,
        p50_ms=told["p50"] / 1000,
        p95_ms=told["p95"] / 1000,
        p99_ms=told["p99"] / 1000,
        refused=told["refused"],
        broken=told["broken"],
    )


_HEADS = ("", "p50, 1 client", "req/s, 8", "bare", "ratio", "CPU ms", "CPU ratio", "goal", "")


def _cells(row: Row) -> tuple[str, ...]:
    def shown(value: float | None, unit: str, digits: int = 0) -> str:
        return "–" if value is None else f"{value:.{digits}f}{unit}"

    cpu = sum(row.cpu_ms.values()) or None
    tail = f" (p95 {row.p95_ms:.0f} ms)" if row.goal.p95_ms is not None and row.p95_ms is not None else ""
    return (
        row.name,
        shown(row.p50_ms, " ms", 1) + tail,
        shown(row.per_s, "/s") if row.seconds is None else f"{shown(row.per_s, '/s')}, done {row.seconds:.0f} s",
        shown(row.bare_per_s, "/s"),
        shown(row.share, "", 2),
        shown(cpu, "", 2),
        shown(row.cpu_share, "", 2),
        str(row.goal),
        f"{row.verdict}{' — ' if row.note else ''}{row.note}",
    )


def plain(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    lines = [_HEADS, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    """The table for a page."""
    rule = "|" + "---|" * len(_HEADS)
    lines = ["| " + " | ".join(line) + " |" for line in (_HEADS, *map(_cells, rows))]
    return "\n".join([lines[0], rule, *lines[1:]])


def facts(figures: Mapping[str, Any]) -> str:
    """Name and value a line, for a terminal."""
    width = max(map(len, figures), default=0)
    return "\n".join(f"{name.ljust(width)}  {_told(value)}" for name, value in figures.items())


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_told(each)}" for name, each in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def kept(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as JSON keeps them, verdicts and ratios with them."""
    return [
        asdict(row) | {"share": row.share, "cpu_share": row.cpu_share, "verdict": row.verdict, "misses": row.misses()}
        for row in rows
    ]
