"""The table of notices."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_notifications.metadata import metadata

notice = sa.Table(
    "notice",
    metadata,
    id_column(),
    sa.Column("origin_key", sa.Text, nullable=False, unique=True),
    uuid("user_id", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject_kind", sa.Text, nullable=False),
    uuid("subject_id", nullable=False),
    sa.Column("params", JSONB, nullable=False),
    timestamp("created_at", nullable=False),
    timestamp("read_at"),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.Index("ix_notice_of_user", "user_id", sa.text("created_at DESC"), sa.text("id DESC")),
    sa.Index(
        "ix_notice_unread",
        "user_id",
        sa.text("created_at DESC"),
        sa.text("id DESC"),
        postgresql_where=sa.text("read_at IS NULL"),
    ),
)
