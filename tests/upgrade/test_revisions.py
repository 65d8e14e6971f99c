"""Each revision only adds: what the code of before reads and writes stays where it was."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from crm_chassis import migrate
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from . import census
from .previous import ROOT

HISTORIES = {
    "chassis": ROOT / "libs/chassis/crm_chassis/migrations/versions",
    "gateway": ROOT / "gateway/migrations",
    **{folder.parent.name: folder for folder in sorted((ROOT / "services").glob("*/migrations"))},
}


def later(history: Path) -> list[str]:
    """The revisions after the first."""
    return sorted(file.name[:4] for file in history.glob("[0-9][0-9][0-9][0-9]_*.py"))[1:]


@pytest.mark.parametrize(
    ("name", "revision"), [(name, revision) for name, history in HISTORIES.items() for revision in later(history)]
)
async def test_a_revision_takes_nothing_away_and_asks_nothing_new_of_old_code(
    name: str, revision: str, tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    url = make_database("additive")
    last = f"{int(revision) - 1:04d}"
    before = await _columns_at(url, last, _up_to(last, HISTORIES[name], tmp_path / "before"))
    after = await _columns_at(url, revision, _up_to(revision, HISTORIES[name], tmp_path / "after"))
    tables = {table for table, _ in before}
    for key, column in before.items():
        assert key in after, f"{key} is gone"
        assert after[key].type == column.type, f"{key} is another type"
        assert after[key].nullable or not column.nullable or after[key].has_default, f"{key} must not be NULL now"
    for key in after.keys() - before.keys():
        if key[0] in tables:
            assert after[key].nullable or after[key].has_default, f"old code does not know that {key} is needed"


def _up_to(revision: str, history: Path, folder: Path) -> Path:
    folder.mkdir()
    for file in history.glob("[0-9][0-9][0-9][0-9]_*.py"):
        if file.name[:4] <= revision:
            shutil.copy(file, folder)
    return folder


async def _columns_at(url: str, revision: str, history: Path) -> dict[tuple[str, str], census.Column]:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate._upgrade, history, "tried_version")
        await connection.commit()
        assert await connection.scalar(sa.text("SELECT version_num FROM tried_version")) == revision
    await engine.dispose()
    return census.columns(url)
