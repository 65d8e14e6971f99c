"""What a hostile file must give: rows, or a refusal with its code and row. Nothing else, ever."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Read:
    """It can be read: so many rows, some of them (number → cells) as they must come, and the codes of all notes."""

    count: int
    rows: dict[int, list[str]]
    notes: frozenset[str] = frozenset()
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It can not be read: the stable code, and the row where there is one."""

    code: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file somebody might send: its name, its bytes (made when asked for, some are large), what must come of it."""

    file: str
    make: Callable[[], bytes]
    expected: Read | Refused
