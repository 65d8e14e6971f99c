"""What the code believes about the database, and what it loads to say so."""

import subprocess
import sys
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from crm_chassis.testing import Harness
from crm_contacts.capture import models as _capture
from crm_contacts.identities import models as _identities
from crm_contacts.metadata import metadata
from crm_contacts.timeline import models as _timeline

TABLES = {_capture.call_link.name, _identities.identity.name, _timeline.timeline_item.name, *metadata.tables}


async def test_the_migrations_make_the_tables_the_code_expects(contacts: Harness) -> None:
    def ours(_: Any, name: str | None, kind: str, __: bool, ___: Any) -> bool:
        return kind != "table" or name in TABLES

    def differences(connection: sa.Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True, "compare_server_default": False}
        )
        return list(compare_metadata(context, metadata))

    async with contacts.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_starting_the_service_does_not_load_the_numbering_plans() -> None:
    code = (
        "import sys, crm_contacts.main as main; from crm_contacts.settings import ContactsSettings;"
        "main.wiring(ContactsSettings());"
        "print('phonenumbers' in sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == ["False"]
