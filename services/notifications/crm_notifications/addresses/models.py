"""The copy of people's addresses."""

import sqlalchemy as sa
from crm_chassis.tables import uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_notifications.metadata import metadata

person_address = sa.Table(
    "person_address",
    metadata,
    uuid("person_id", primary_key=True, nullable=False),
    uuid("owner_id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("locale", sa.Text),
    sa.Column("phones", JSONB, nullable=False),
    sa.Column("emails", JSONB, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)
