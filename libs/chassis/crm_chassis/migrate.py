"""Alembic, run once under an advisory lock before a service is ready: the chassis' tables, then the service's own."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_310_002
# A migration that can not get its lock gives up rather than queue every query behind it; its service tries again.
LOCK_TIMEOUT = "10s"
_SCRIPTS = Path(__file__).parent / "migrations"


async def upgrade(url: str, service: str, migrations: Path) -> None:
    """The database stands at the newest revision of both histories, or beyond; concurrent callers wait for the first.

    Beyond: newer code has migrated it while this code is still about, and migrations keep older code running.
    """
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(sa.text(f"SELECT pg_advisory_lock({_LOCK})"))
            await connection.commit()
            try:
                await connection.run_sync(_upgrade, _SCRIPTS / "versions", "chassis_version")
                await connection.run_sync(_upgrade, migrations, f"{service}_version")
            finally:
                await connection.rollback()
                await connection.execute(sa.text(f"SELECT pg_advisory_unlock({_LOCK})"))
                await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: sa.Connection, versions: Path, version_table: str) -> None:
    applied, newest = _newest_in_database(connection, version_table), _newest_file(versions)
    if newest is None or (applied is not None and applied >= newest):
        return
    # Alembic stays out of a process that has nothing to migrate: seven megabytes and a third of a second.
    from alembic import command

    command.upgrade(_config(connection, versions, version_table), "head")
    connection.commit()


def _newest_in_database(connection: sa.Connection, version_table: str) -> str | None:
    if connection.scalar(sa.text("SELECT to_regclass(:name)::text"), {"name": version_table}) is None:
        return None
    revision: str | None = connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table(version_table)))
    return revision


def _newest_file(versions: Path) -> str | None:
    """Revisions are numbered: the files' first four characters are their names and their order."""
    return max((file.name[:4] for file in versions.glob("[0-9][0-9][0-9][0-9]_*.py")), default=None)


def _config(connection: sa.Connection, versions: Path, version_table: str) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = version_table
    config.attributes["lock_timeout"] = LOCK_TIMEOUT
    return config
