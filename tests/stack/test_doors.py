"""What a newcomer touches first: make, the lock file, hooks and the pages that name them."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TARGETS = {
    *("help", "setup", "lock", "web", "run", "demo", "check", "fmt", "bench", "bench-pop", "bench-web", "clean"),
    *("test", "test-faults", "test-fuzz", "test-web", "import-real", "screens", "clean-data"),
}
# In pieces, so that this file passes its own test.
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb." + "debian.org"]


def _files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _pages() -> list[Path]:
    return [file for file in _files() if file.suffix == ".md"]


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except UnicodeDecodeError:
        return ""


def test_make_help_names_every_target() -> None:
    said = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[0] for line in said.splitlines()} == TARGETS
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == TARGETS


def test_make_without_a_target_helps_and_changes_nothing() -> None:
    said = subprocess.run(
        ["make", "--no-print-directory", "-n"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "grep" in said


def test_the_lock_file_holds_names_and_hashes_only() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert [line for line in lines if "://" in line or line.startswith("-")] == []
    pins = [line for line in lines if re.match(r"^[a-z0-9]", line)]
    assert [pin for pin in pins if not re.match(r"^[a-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+( ; .*)? \\$", pin)] == []


def test_no_file_names_a_package_index_or_a_place_on_this_machine() -> None:
    places = [str(ROOT) + "/", str(Path.home()) + "/"]
    found = [
        f"{file.relative_to(ROOT)}: {word}"
        for file in _files()
        for word in (*HOSTS, *(place for place in places if len(place) > 3))
        if word in _text(file)
    ]
    assert found == []


def test_ci_plays_the_story_and_runs_every_test() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)
    text = script.read_text()
    assert "set -euo pipefail" in text
    for command in ("make demo ARGS=--check", "make test", "make check"):
        assert f"\n{command}\n" in text


def test_hooks_fetch_nothing() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert {repo["repo"] for repo in hooks["repos"]} == {"local"}
    assert {hook["language"] for repo in hooks["repos"] for hook in repo["hooks"]} == {"system"}


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_what_is_there(page: Path) -> None:
    text = page.read_text()
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    named = set(re.findall(r"(?:`|^\s*|&& )make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named - TARGETS == set()
