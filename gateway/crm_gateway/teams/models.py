"""Teams: who works together, under whom."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_gateway.metadata import metadata

team = sa.Table(
    "team",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    uuid("lead_id", sa.ForeignKey("user_account.id", use_alter=True)),
    sa.Column("office", sa.Text),
    timestamp("created_at", nullable=False),
    timestamp("updated_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)
