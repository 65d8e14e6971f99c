"""The migrations make what the models say."""

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from crm_deals.metadata import metadata

from .desk import Desk


async def test_the_migrated_database_is_the_one_the_models_describe(desk: Desk) -> None:
    def ours(_: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
        return kind != "table" or not reflected or compared is not None

    def difference(connection: sa.Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        return list(compare_metadata(context, metadata))

    async with desk.harness.database.read() as connection:
        assert await connection.run_sync(difference) == []
