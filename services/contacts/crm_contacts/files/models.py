"""The table of files; what is in them is in the store, under their ids."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_contacts.metadata import metadata

# A subject may be another service's (a deal), so that the id is no foreign key; a file goes when its subject does.
file = sa.Table(
    "file",
    metadata,
    id_column(),
    sa.Column("subject", sa.Text, nullable=False),
    uuid("subject_id", nullable=False),
    uuid("author_id", nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    timestamp("created_at", nullable=False),
    timestamp("updated_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("subject IN ('person', 'company', 'deal')", name="subject"),
    sa.Index("ix_file_subject", "subject_id", "subject", "created_at", "id"),
)
