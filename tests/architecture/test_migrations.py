"""Migrations: numbered, in one line, each file named after its revision, so that a start can tell at a glance."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HISTORIES = [
    ROOT / "libs/chassis/crm_chassis/migrations/versions",
    ROOT / "gateway/migrations",
    *sorted((ROOT / "services").glob("*/migrations")),
]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_revisions_follow_each_other_by_number(history: Path) -> None:
    files = sorted(history.glob("*.py"))
    assert files
    before = None
    for number, file in enumerate(files, start=1):
        text = file.read_text()
        name = re.search(r'^revision = "(\d{4})"$', text, re.MULTILINE)
        down = re.search(r"^down_revision = (.+)$", text, re.MULTILINE)
        assert name and down, file
        assert name[1] == f"{number:04d}" and file.name.startswith(f"{name[1]}_")
        assert down[1] == (f'"{before}"' if before else "None")
        before = name[1]
