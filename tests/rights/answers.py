"""What a rule says of a route: the question asked about it, and what everybody must get."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Names = Mapping[str, str]


class Answer(StrEnum):
    """What the one who asks must get."""

    HIDDEN = "404, word for word as for a random id"
    SILENT = "200, and nothing in it: no row, no count, no cursor"
    FORBIDDEN = "403"
    UNKNOWN = "refused like a reference to a random id"
    SHARED = "200: it is everybody's who has the grant"
    OWN = "as asked: it is the caller's own"
    REFUSED = "422: the caller's own, with a wrong proof"
    PUBLIC = "200, to anybody"
    UNSIGNED = "401: the caller is not the PBX"
    NOWHERE = "404 or 405: there is no such thing for anybody"
    FAILED_SIGN_IN = "401: a wrong password"


@dataclass(frozen=True)
class Rule:
    """The question about a route and the answers to it; `row` must stand unchanged after a refusal.

    `path` says which of the owner's names fill the path (after `=` stands the text itself); `queries` are asked one
    by one, each must be answered so.
    """

    nobody: Answer
    other: Answer
    reader: Answer
    path: Mapping[str, str] = field(default_factory=dict)
    queries: tuple[Mapping[str, str], ...] = ({},)
    body: Callable[[Names], Any] | None = None
    row: str | None = None
    version: bool = False
    outside: Answer | None = None
    stream: bool = False
    signs_out: bool = False

    def url(self, template: str, names: Names) -> str:
        """The path with the names in it."""
        filled = template
        for parameter, name in self.path.items():
            filled = filled.replace(f"{{{parameter}}}", name[1:] if name.startswith("=") else names[name])
        return filled

    def asked(self, query: Mapping[str, str], names: Names) -> dict[str, str]:
        """A query with the names in it: `{name}` stands for one."""
        return {key: value.format(**names) for key, value in query.items()}
