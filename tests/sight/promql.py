"""What a PromQL expression asks for: its metrics, the labels it names and the values it wants of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_:][\w:]*|\[[^\]]*\]|=~|!~|!=|[{}(),=]|[\d.]+\w*|\S')
_NAME = re.compile(r"[A-Za-z_:][\w:]*$")
_GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_WORDS = _GROUPING | {"and", "or", "unless", "bool", "offset", "inf", "nan"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """`label` compared with `value`."""

    label: str
    operator: str
    value: str

    def admits(self, value: str) -> bool:
        """Whether a series with this value of the label is asked for."""
        if self.operator in ("=", "!="):
            return (value == self.value) is (self.operator == "=")
        return (re.fullmatch(self.value, value) is not None) is (self.operator == "=~")


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric and what is wanted of its labels."""

    metric: str
    matchers: tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, read: its selectors and the labels it groups by."""

    selectors: tuple[Selector, ...]
    grouped_by: frozenset[str]


def read(expression: str) -> Query:
    """The parts of an expression; AssertionError for a selector this can not read."""
    tokens = [token for token in _TOKEN.findall(expression) if not token.startswith("[")]
    selectors: list[Selector] = []
    grouped: set[str] = set()
    place = 0
    while place < len(tokens):
        token, following = tokens[place], tokens[place + 1] if place + 1 < len(tokens) else ""
        place += 1
        if not _NAME.match(token) or token.startswith('"'):
            continue
        if token in _GROUPING:
            inside = _until(tokens, place, ")")
            grouped |= {label for label in inside if _NAME.match(label)}
            place += len(inside) + 1
        elif following == "{":
            inside = _until(tokens, place, "}")
            selectors.append(Selector(token, tuple(_matchers(inside[1:]))))
            place += len(inside) + 1
        elif following != "(" and following not in _GROUPING and token.lower() not in _WORDS:
            selectors.append(Selector(token, ()))
    return Query(tuple(selectors), frozenset(grouped))


def _until(tokens: list[str], start: int, end: str) -> list[str]:
    return tokens[start : tokens.index(end, start)]


def _matchers(inside: list[str]) -> Iterator[Matcher]:
    parts = [token for token in inside if token != ","]
    assert len(parts) % 3 == 0, parts
    for label, operator, value in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        assert operator in ("=", "!=", "=~", "!~"), parts
        yield Matcher(label, operator, value.strip('"').replace("\\\\", "\\"))
