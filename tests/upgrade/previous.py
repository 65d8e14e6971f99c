"""The code of the commit before, beside ours: what still runs while this code is being rolled out."""

import io
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


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
    """The commit this tree was made from: HEAD while something is changed here, else the one before it."""
    try:
        name = "HEAD" if _git("status", "--porcelain") else "HEAD~1"
        commit = _git("rev-parse", "--short", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
    except FileNotFoundError as error:
        raise NoPrevious("git is not installed") from error
    except subprocess.CalledProcessError as error:
        raise NoPrevious("the commit before is not here: no repository, or a shallow clone") from error
    with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as archive:
        archive.extractall(folder, filter="data")
    return Tree(commit, folder)


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout
