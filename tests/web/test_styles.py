"""Only the styles of the parts that are used are sent, and none of theirs is missing."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from .conftest import ROOT

MANTINE = ROOT / "web/node_modules/@mantine/core/styles"
LISTED = ROOT / "web/src/ui/theme/mantine.ts"
# The class of a part, made of a number so that no other is called so.
_NAMED = re.compile(r"\bm_[0-9a-f]{6,8}\b")
_STYLED = re.compile(r"\.(m_[0-9a-f]{6,8})\b")


def _found(what: re.Pattern[str], files: Iterable[Path]) -> set[str]:
    return {each for file in files for each in what.findall(file.read_text())}


@pytest.fixture(scope="module")
def named() -> set[str]:
    """The classes of Mantine's that the built client's scripts name."""
    return _found(_NAMED, (ROOT / "web/dist/assets").glob("*.js"))


def test_every_part_has_its_styles(named: set[str]) -> None:
    styled = _found(_STYLED, (ROOT / "web/dist/assets").glob("*.css"))
    lacking = [
        file.name
        for file in sorted(MANTINE.glob("*.css"))
        if not file.name.endswith(".layer.css") and _found(_STYLED, [file]) & named - styled
    ]
    assert named and not lacking, f"{LISTED.name} lacks {lacking}"


def test_no_styles_are_sent_for_parts_nobody_uses(named: set[str]) -> None:
    files = [MANTINE / name for name in re.findall(r"core/styles/(\w+\.css)", LISTED.read_text())]
    unused = [file.name for file in files if (own := _found(_STYLED, [file])) and not own & named]
    assert len(files) > 20 and unused == []
