"""The migrations make exactly the tables the models speak of."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from crm_telephony.arrivals import models as _arrivals
from crm_telephony.calls import models as _calls
from crm_telephony.connections import models as _connections
from crm_telephony.dialing import models as _dialing
from crm_telephony.extensions import models as _extensions
from crm_telephony.hooks import models as _hooks
from crm_telephony.models import metadata
from crm_telephony.phone_index import models as _phone_index
from crm_telephony.recordings import models as _recordings

from .office import Office

_ALL = (_arrivals, _calls, _connections, _dialing, _extensions, _hooks, _phone_index, _recordings)
assert all(_ALL), "their tables are in `metadata` now"


async def test_the_database_after_all_migrations_is_what_the_models_say(office: Office) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        ours = set(metadata.tables)
        options = {"include_name": lambda name, kind, _: kind != "table" or name in ours, "compare_type": True}
        found: list[object] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        return found

    async with office.harness.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
