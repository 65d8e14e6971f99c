"""Migrations beside running code: they do not stand in its way, and it does not stand still behind them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from crm_chassis import migrate
from crm_chassis.database import is_infrastructure
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

REVISION = '''"""Test."""

from alembic import op

revision = "{number}"
down_revision = {before}


def upgrade() -> None:
    """Do it."""
    op.execute("{statement}")
'''


def revise(folder: Path, number: str, before: str | None, statement: str) -> None:
    """The history has one revision more."""
    folder.mkdir(exist_ok=True)
    text = REVISION.format(number=number, before=f'"{before}"' if before else None, statement=statement)
    (folder / f"{number}_test.py").write_text(text)


async def version(connection: AsyncConnection) -> str:
    """The newest revision applied."""
    return str(await connection.scalar(sa.text("SELECT version_num FROM sample_version")))


async def test_older_code_starts_on_a_schema_newer_code_has_migrated(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    url = make_database("beyond").replace("postgresql://", "postgresql+asyncpg://")
    newer, older = tmp_path / "newer", tmp_path / "older"
    revise(newer, "0001", None, "CREATE TABLE thing (id int)")
    shutil.copytree(newer, older)
    revise(newer, "0002", "0001", "ALTER TABLE thing ADD COLUMN name text")
    await migrate.upgrade(url, "sample", newer)
    await migrate.upgrade(url, "sample", older)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await version(connection) == "0002"
        await connection.execute(sa.text("INSERT INTO thing (id, name) VALUES (1, 'x')"))
    await engine.dispose()


async def test_a_migration_that_can_not_get_its_lock_gives_up_and_succeeds_later(
    tmp_path: Path, make_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "200ms")
    url = make_database("blocked").replace("postgresql://", "postgresql+asyncpg://")
    revise(tmp_path, "0001", None, "CREATE TABLE thing (id int)")
    await migrate.upgrade(url, "sample", tmp_path)
    revise(tmp_path, "0002", "0001", "ALTER TABLE thing ADD COLUMN name text")
    engine = create_async_engine(url)
    async with engine.connect() as reading:
        await reading.execute(sa.text("SELECT * FROM thing"))
        with pytest.raises(sa.exc.DBAPIError) as refused:
            await migrate.upgrade(url, "sample", tmp_path)
        assert is_infrastructure(refused.value), "a service that starts must wait and try again, not end"
        assert await version(reading) == "0001"
    await migrate.upgrade(url, "sample", tmp_path)
    async with engine.connect() as connection:
        assert await version(connection) == "0002"
    await engine.dispose()
