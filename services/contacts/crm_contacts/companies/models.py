"""The table of companies."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_contacts.metadata import metadata

company = sa.Table(
    "company",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text(collation="C"), sa.Computed("searchable(name)", persisted=True), nullable=False),
    uuid("owner_id"),
    timestamp("created_at", nullable=False),
    timestamp("updated_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.Index("ix_company_by_name", "name_key", "id"),
    sa.Index("ix_company_by_age", "created_at", "id"),
    sa.Index("ix_company_by_owner", "owner_id", "created_at", "id"),
    sa.Index(
        "ix_company_name_trigrams",
        "name_key",
        postgresql_using="gin",
        postgresql_ops={"name_key": "gin_trgm_ops"},
    ),
)
