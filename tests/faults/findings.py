"""What the auditor says: one line for each thing that is not as it must be."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` names the check, `where` the row."""

    kind: str
    where: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: expected {self.expected!r}, found {self.found!r}"


class Findings(list[Finding]):
    """Collects what is wrong."""

    def same(self, kind: str, where: object, expected: object, found: object) -> None:
        """A finding unless both are equal."""
        if expected != found:
            self.append(Finding(kind, str(where), expected, found))

    def same_rows(
        self,
        kind: str,
        expected: Mapping[Any, Mapping[str, object]],
        found: Mapping[Any, Mapping[str, object]],
    ) -> None:
        """Findings for rows that are missing, too many or different, one for each."""
        for key in expected.keys() - found.keys():
            self.append(Finding(kind, str(key), dict(expected[key]), None))
        for key in found.keys() - expected.keys():
            self.append(Finding(kind, str(key), None, dict(found[key])))
        for key in expected.keys() & found.keys():
            differs = {
                name: (value, found[key].get(name))
                for name, value in expected[key].items()
                if found[key].get(name) != value
            }
            if differs:
                wanted = {name: pair[0] for name, pair in differs.items()}
                self.append(Finding(kind, str(key), wanted, {name: pair[1] for name, pair in differs.items()}))

    def once(self, kind: str, keys: list[Hashable]) -> None:
        """A finding for each key that occurs more than once."""
        for key, count in Counter(keys).items():
            if count > 1:
                self.append(Finding(kind, str(key), 1, count))
