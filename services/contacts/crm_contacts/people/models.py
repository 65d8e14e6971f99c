"""The table of people."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_contacts.companies.models import company
from crm_contacts.metadata import metadata

person = sa.Table(
    "person",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    # Sort and search key: no accents, lower case, code-point order; so one btree serves lists and prefixes.
    sa.Column("name_key", sa.Text(collation="C"), sa.Computed("searchable(name)", persisted=True), nullable=False),
    uuid("company_id", sa.ForeignKey(company.c.id)),
    uuid("owner_id"),
    sa.Column("owner_source", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("locale", sa.Text),
    uuid("origin_call_id"),
    timestamp("created_at", nullable=False),
    timestamp("updated_at", nullable=False),
    # The row of a merged loser stays for a later unmerge; its id resolves to the winner by the alias.
    timestamp("merged_at"),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.CheckConstraint("owner_source IN ('rule', 'answer', 'human')", name="owner_source"),
    sa.Index("ix_person_by_name", "name_key", "id", postgresql_where=sa.text("merged_at IS NULL")),
    sa.Index("ix_person_by_age", "created_at", "id", postgresql_where=sa.text("merged_at IS NULL")),
    sa.Index("ix_person_by_owner", "owner_id", "created_at", "id", postgresql_where=sa.text("merged_at IS NULL")),
    sa.Index("ix_person_by_company", "company_id", "name_key", "id", postgresql_where=sa.text("merged_at IS NULL")),
    # For what is not a list: whether a company has people, also those merged away.
    sa.Index("ix_person_company", "company_id", postgresql_where=sa.text("company_id IS NOT NULL")),
    sa.Index("ix_person_by_source", "source", "created_at", "id", postgresql_where=sa.text("merged_at IS NULL")),
    sa.Index(
        "ix_person_name_trigrams",
        "name_key",
        postgresql_using="gin",
        postgresql_ops={"name_key": "gin_trgm_ops"},
    ),
)
