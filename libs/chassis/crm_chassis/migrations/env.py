"""Alembic's entry: runs the revisions on the connection that crm_chassis.migrate hands over."""

import sqlalchemy as sa
from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table=context.config.attributes["version_table"],
    transaction_per_migration=True,
)
# A migration that can not get its lock gives up rather than queue every query behind it.
connection.execute(sa.text("SET lock_timeout = '10s'"))
connection.commit()
context.run_migrations()
