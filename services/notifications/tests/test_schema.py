"""The migrations make what the models say."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from crm_chassis.testing import Harness
from crm_notifications.addresses import models as addresses
from crm_notifications.messages import models as messages
from crm_notifications.metadata import metadata
from crm_notifications.notices import models as notices
from crm_notifications.templates import models as templates

OWN = {addresses.person_address, messages.message, messages.attempt, notices.notice, templates.template}


def _differences(connection: sa.Connection) -> list[object]:
    names = {table.name for table in OWN}
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "include_name": lambda name, kind, _: kind != "table" or name in names,
        },
    )
    return list(compare_metadata(context, metadata))


async def test_the_database_is_as_the_models_say(still: Harness) -> None:
    assert set(metadata.tables.values()) == OWN
    async with still.database.read() as connection:
        assert await connection.run_sync(_differences) == []
