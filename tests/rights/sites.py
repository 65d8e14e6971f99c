"""Where the code asks the policy, and what each place looks like with the question taken out."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_EVERYTHING = '__import__("sqlalchemy").true()'
# A call by this name (awaited or not) becomes this text.
_CALLS = {
    **dict.fromkeys(("visible", "readable"), _EVERYTHING),
    **dict.fromkeys(("admits", "allowed_owner", "is_visible", "sees_person", "sees_company", "knows"), "True"),
    **dict.fromkeys(("require", "require_reference", "must_hold", "must_hold_role"), "None"),
    **dict.fromkeys(("check_owner", "_check_owner", "_check_company", "_check_deal", "_check_people"), "None"),
}
_FOLDERS = ("services/*/crm_*", "gateway/crm_gateway")
_SHARED = "libs/chassis/crm_chassis/dead_letter_api.py"


@dataclass(frozen=True)
class Site:
    """One place: `file` below the root, the text there between `start` and `end`, and what replaces it."""

    file: str
    function: str
    line: int
    start: int
    end: int
    text: str
    instead: str
    nth: int

    @property
    def key(self) -> str:
        """The same for the same place in another version of the file, whatever line it is on."""
        return f"{self.file}::{self.function}::{self.text}::{self.nth}"

    @property
    def program(self) -> str:
        """The program to start anew when this place changes; what all share is tried in one of them."""
        top, second, *_ = self.file.split("/")
        return {"services": second, "gateway": "gateway"}.get(top, "contacts")

    def removed(self, source: str) -> str:
        """The source without the question."""
        raw = source.encode()
        return (raw[: self.start] + self.instead.encode() + raw[self.end :]).decode()


def find_sites(root: Path) -> list[Site]:
    """Every place in the services, the gateway and the routes they share that asks what a caller may."""
    files = [file for folder in _FOLDERS for package in root.glob(folder) for file in package.rglob("*.py")]
    return [site for file in (*sorted(files), root / _SHARED) for site in _of_file(root, file)]


def _of_file(root: Path, file: Path) -> Iterator[Site]:
    source = file.read_text()
    lines = [0]
    for line in source.encode().splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    seen: dict[tuple[str, str], int] = {}
    for function, node, instead in _asked(ast.parse(source), ""):
        text = " ".join((ast.get_source_segment(source, node) or "").split())
        nth = seen[function, text] = seen.get((function, text), 0) + 1
        assert isinstance(node, ast.expr) and node.end_lineno is not None and node.end_col_offset is not None
        start = lines[node.lineno - 1] + node.col_offset
        end = lines[node.end_lineno - 1] + node.end_col_offset
        yield Site(str(file.relative_to(root)), function, node.lineno, start, end, text, instead, nth)


def _asked(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST, str]]:
    """The outermost expressions that ask, with the function they stand in."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = node.name
    instead = _instead(node)
    if instead is not None:
        yield function, node, instead
        return
    for child in ast.iter_child_nodes(node):
        yield from _asked(child, function)


def _instead(node: ast.AST) -> str | None:
    match node:
        case ast.Await(value=ast.Call() as call):
            return _CALLS.get(_name(call.func))
        case ast.Call():
            if _name(node.func) == "believed":
                return None
            return "True" if _is_scope(node) else _CALLS.get(_name(node.func))
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as asks], comparators=[wanted]) if _is_scope(left):
            # `is None` and `is not Scope.ALL` refuse, `is not None` and `is Scope.ALL` let through.
            is_none = isinstance(wanted, ast.Constant) and wanted.value is None
            return str(isinstance(asks, ast.IsNot) == is_none)
        case ast.Attribute(value=ast.Name(id="caller"), attr="is_system"):
            return "True"
    return None


def _is_scope(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) == "scope"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
