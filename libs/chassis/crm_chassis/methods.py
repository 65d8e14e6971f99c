"""Which methods a path serves: 405 names them all in `Allow` (RFC 9110 §15.5.6), whatever route matched first."""

from collections.abc import Iterable

from starlette.routing import compile_path


class Methods:
    """The paths of an application with what they serve. A literal segment is more exact than a parameter."""

    def __init__(self, served: Iterable[tuple[str, Iterable[str]]]) -> None:
        by_path: dict[str, set[str]] = {}
        for path, methods in served:
            by_path.setdefault(path, set()).update(methods)
        exact_first = sorted(by_path, key=lambda path: [_looseness(segment) for segment in path.split("/")])
        self._paths = [(compile_path(path)[0], frozenset(by_path[path])) for path in exact_first]

    def at(self, path: str) -> frozenset[str]:
        """What the most exact route of `path` serves; empty when no route matches."""
        return next((methods for regex, methods in self._paths if regex.match(path)), frozenset())


def _looseness(segment: str) -> int:
    if not segment.startswith("{"):
        return 0
    return 2 if segment.endswith(":path}") else 1
