"""The project's own Python files, and the words in them."""

import ast
import re
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = [
    ROOT / "libs/contracts/crm_contracts",
    ROOT / "libs/chassis/crm_chassis",
    ROOT / "libs/runner/crm_runner",
    *(ROOT / f"services/{name}/crm_{name}" for name in ("contacts", "deals", "telephony")),
    *(ROOT / f"services/{name}/crm_{name}" for name in ("notifications", "reports")),
    ROOT / "gateway/crm_gateway",
]
_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|CREATE)\b")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True)
class Word:
    """One word of a name or a string: where it stands and in what."""

    file: Path
    line: int
    word: str
    within: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}: {self.word!r} in {self.within[:60]!r}"


@cache
def everything() -> list[Path]:
    """Every file of the project: known to git or new, and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return sorted(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def python_files(under: Path = ROOT) -> list[Path]:
    """The project's Python files below a folder."""
    return [file for file in everything() if file.suffix == ".py" and file.is_relative_to(under)]


def hearts() -> list[Path]:
    """The pure modules: every `rules.py`, and the call's fold."""
    return [file for package in PACKAGES for file in python_files(package) if file.name in ("rules.py", "fold.py")]


def imports(file: Path) -> Iterator[str]:
    """The modules a file names in its imports, `from . import` excepted."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def words(file: Path, allowed: Collection[str] = ()) -> Iterator[Word]:
    """Each word of each name and string of a file, in lower case; prose and allowed names are left out."""
    known = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in allowed) or "(?!)")
    tree = ast.parse(file.read_text())
    prose = set(_docstrings(tree))
    for node in ast.walk(tree):
        for text in _texts(node, prose):
            for word in _WORD.findall(known.sub(" ", text)):
                yield Word(file, getattr(node, "lineno", 0), word.lower(), text)


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    """A constant that is a statement of its own says something to people and does nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _texts(node: ast.AST, prose: set[ast.AST]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if node not in prose and (" " not in text or _SQL.search(text)):
            yield text
        case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.keyword(arg=str(name)):
            yield name
        case ast.alias(name=name, asname=other):
            yield name
            yield other or ""
