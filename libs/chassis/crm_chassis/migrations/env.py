"""Alembic's entry: runs the revisions on the connection that crm_chassis.migrate hands over."""

import sqlalchemy as sa
from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table=context.config.attributes["version_table"],
    transaction_per_migration=True,
)
connection.execute(sa.text(f"SET lock_timeout = '{context.config.attributes['lock_timeout']}'"))
connection.commit()
context.run_migrations()
