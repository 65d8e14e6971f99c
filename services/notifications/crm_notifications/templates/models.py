"""The table of templates: one row per key, language and channel."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp

from crm_notifications.metadata import metadata

template = sa.Table(
    "template",
    metadata,
    id_column(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text),
    timestamp("updated_at", nullable=False, server_default=sa.func.now()),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.UniqueConstraint("key", "locale", "channel"),
    sa.Index("ix_template_by_channel", "channel", "key", "locale", "id"),
    sa.Index("ix_template_by_locale", "locale", "key", "id"),
)
