"""What every file of the project keeps to, whoever wrote it."""

import sys
import tomllib
from pathlib import Path

import pytest

from .sources import PACKAGES, ROOT, everything, hearts, imports, python_files

LONGEST = 400
LONGEST_VIEW = 250
DRAWERS = {"utils", "util", "helpers", "helper", "misc", "common", "shared", "stuff"}
FRAMEWORKS = {
    *("sqlalchemy", "asyncpg", "alembic", "fastapi", "starlette", "uvicorn", "faststream", "aio_pika"),
    *("aiormq", "httpx", "aiohttp", "requests", "smtplib", "aiosmtplib", "socket", "subprocess"),
}
CLOCKS = {"time", "asyncio", "threading", "random", "secrets", "os"}
CLOCK_CALLS = (".now(", ".utcnow(", ".today(", "time.time(", "uuid4(", "uuid7(")


def test_no_file_is_longer_than_a_few_screens() -> None:
    lengths = {file: len(file.read_text().splitlines()) for file in python_files()}
    assert {str(file.relative_to(ROOT)): n for file, n in lengths.items() if n > LONGEST} == {}


def test_no_view_of_the_web_client_is_longer_than_250_lines() -> None:
    views = [file for file in everything() if file.suffix in (".ts", ".tsx") and "generated" not in file.parts]
    assert views
    lengths = {file: len(file.read_text().splitlines()) for file in views}
    assert {str(file.relative_to(ROOT)): n for file, n in lengths.items() if n > LONGEST_VIEW} == {}


def test_the_web_clients_building_blocks_know_no_noun_of_the_trade() -> None:
    blocks = [file for file in everything() if file.is_relative_to(ROOT / "web/src/ui")]
    assert blocks
    found = [file for file in blocks if "~/features/" in file.read_text() or "~/app/" in file.read_text()]
    assert [str(file.relative_to(ROOT)) for file in found] == []


def test_no_file_is_a_junk_drawer() -> None:
    drawers = [file for file in python_files() if DRAWERS & {file.stem, file.parent.name}]
    assert [str(file.relative_to(ROOT)) for file in drawers] == []


def test_every_folder_of_a_package_is_a_package() -> None:
    """A folder without __init__.py is invisible to import-linter: its rules would not hold there."""
    folders = {file.parent for package in PACKAGES for file in python_files(package)}
    bare = [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()]
    # Migrations are Alembic's to load, by path.
    assert [str(folder) for folder in bare if "migrations" not in folder.parts] == []


def test_hearts_import_no_framework() -> None:
    found = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in hearts()
        for name in imports(file)
        if name.partition(".")[0] in FRAMEWORKS
    }
    assert found == set()


def test_hearts_read_no_clock_and_no_dice() -> None:
    """Time and chance are arguments, so that a rule says the same about the same facts for ever."""
    named = {
        f"{file.relative_to(ROOT)}: import {name}" for file in hearts() for name in imports(file) if name in CLOCKS
    }
    called = {
        f"{file.relative_to(ROOT)}: {call}" for file in hearts() for call in CLOCK_CALLS if call in file.read_text()
    }
    assert named | called == set()


def test_flow_tests_use_the_doors_only() -> None:
    """The gateway's port, the PBX's and the SMTP socket: what is promised is promised to who stands outside."""
    flows = sorted((ROOT / "tests/flows").glob("*.py"))
    assert flows
    peeping = [word for file in flows for word in (".stack", "asyncpg", "aio_pika") if word in file.read_text()]
    assert peeping == []


def test_contracts_import_pydantic_and_nothing_else() -> None:
    allowed = {*sys.stdlib_module_names, "pydantic", "crm_contracts"}
    found = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in python_files(ROOT / "libs/contracts/crm_contracts")
        for name in imports(file)
        if name.partition(".")[0] not in allowed
    }
    assert found == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_names_every_sibling_it_imports(package: Path) -> None:
    """What a service imports of ours is in its pyproject, or its container would lack it."""
    project = tomllib.loads((package.parent / "pyproject.toml").read_text())["project"]
    named = {dependency.split(">")[0].split("[")[0].replace("-", "_") for dependency in project["dependencies"]}
    used = {name.partition(".")[0] for file in python_files(package) for name in imports(file)}
    ours = {path.name for path in PACKAGES} - {package.name}
    assert (used & ours) - named == set()
