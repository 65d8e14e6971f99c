"""The code of the commit before, beside ours: what still runs while this code is being rolled out."""

import io
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MIGRATIONS = ("*/migrations/*.py",)
RECENT = 30
"""Commits: a schema older than that has surely been rolled out."""


class NoPrevious(Exception):
    """There is no commit to compare with; the text says why."""


@dataclass(frozen=True)
class Tree:
    """An exported commit."""

    commit: str
    folder: Path

    @property
    def python_path(self) -> str:
        """For PYTHONPATH: its packages are found before the installed ones."""
        members = [*(self.folder / "libs").iterdir(), *(self.folder / "services").iterdir(), self.folder / "gateway"]
        return os.pathsep.join(str(member) for member in sorted(members) if (member / "pyproject.toml").exists())


def export(folder: Path) -> Tree:
    """The commit this code is rolled out over; NoPrevious when its history is not here."""
    try:
        commit = _git("rev-parse", "--short", "--verify", "--quiet", f"{_before()}^{{commit}}").decode().strip()
    except FileNotFoundError as error:
        raise NoPrevious("git is not installed") from error
    except subprocess.CalledProcessError as error:
        raise NoPrevious("the commit before is not here: no repository, or a shallow clone") from error
    with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as archive:
        archive.extractall(folder, filter="data")
    return Tree(commit, folder)


def _before() -> str:
    """The last commit with another schema, if recent; else the last with other code: HEAD while this tree differs.

    Without a migration between the two there would be nothing to migrate, and the guard would guard nothing.
    """
    if _git("status", "--porcelain", "--", *MIGRATIONS):
        return "HEAD"
    newest = _git("log", "-1", "--format=%H", "--diff-filter=A", "--", *MIGRATIONS).decode().strip()
    if newest and int(_git("rev-list", "--count", f"{newest}..HEAD")) < RECENT and _has_parent(newest):
        return f"{newest}~1"
    return "HEAD" if _git("status", "--porcelain") else "HEAD~1"


def _has_parent(commit: str) -> bool:
    return len(_git("rev-list", "--parents", "-n", "1", commit).split()) > 1


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout
