"""The migrations and the models tell of the same tables."""

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from crm_chassis.testing import Harness
from crm_reports.archive import models as archive
from crm_reports.projections import models as projections


async def test_the_migrated_database_is_what_the_models_say(reports: Harness) -> None:
    def differences(connection: sa.Connection) -> list[Any]:
        ours = {*archive.metadata.tables, *projections.metadata.tables}

        def include(_: Any, name: str | None, kind: str, __: bool, ___: Any) -> bool:
            return kind != "table" or name in ours

        context = MigrationContext.configure(connection, opts={"include_object": include})
        both = sa.MetaData(naming_convention=archive.metadata.naming_convention)
        for table in (*archive.metadata.sorted_tables, *projections.metadata.sorted_tables):
            table.to_metadata(both)
        return list(compare_metadata(context, both))

    async with reports.database.read() as connection:
        assert await connection.run_sync(differences) == []
