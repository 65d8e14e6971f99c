"""Tables of the archive. Only its one writer adds rows; nothing ever changes one but erasure of `pii`."""

import sqlalchemy as sa
from crm_chassis.tables import new_metadata, timestamp, uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = new_metadata()

event_archive = sa.Table(
    "event_archive",
    metadata,
    uuid("id", primary_key=True, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False, index=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    uuid("subject_id", nullable=False),
    timestamp("time", nullable=False),
    timestamp("recordedtime", nullable=False),
    timestamp("archived_at", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    uuid("correlationid", nullable=False),
    uuid("causationid"),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    postgresql_partition_by="RANGE (id)",
)

event_pii = sa.Table(
    "event_pii",
    metadata,
    uuid("subject_id", primary_key=True, nullable=False),
    uuid("event_id", primary_key=True, nullable=False),
    sa.Column("pii", JSONB(none_as_null=True)),
)

archive_head = sa.Table(
    "archive_head",
    metadata,
    sa.Column("only", sa.Boolean, primary_key=True, server_default=sa.true()),
    sa.Column("position", sa.BigInteger, nullable=False),
    timestamp("stamp", nullable=False),
    sa.Column("conflicts", sa.BigInteger, nullable=False),
    sa.CheckConstraint('"only"', name="one_row"),
)
"""One row. Nothing will ever be archived at or before `stamp`; `conflicts` counts ids that came with two bodies."""
