"""Messages to customers and the attempts to send them."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_notifications.metadata import metadata

message = sa.Table(
    "message",
    metadata,
    id_column(),
    sa.Column("dedupe_key", sa.Text, unique=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("template_key", sa.Text),
    uuid("person_id", nullable=False),
    uuid("deal_id"),
    uuid("owner_id"),
    sa.Column("to_address", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text),
    sa.Column("parts", sa.SmallInteger, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("error_detail", sa.Text),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    uuid("attempt_id"),  # the latest attempt while it is under way, uncertain or done; null while queued
    sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()),  # queued, but pausing before a retry
    timestamp("not_after"),
    timestamp("queued_at", nullable=False),
    timestamp("sent_at"),
    timestamp("delivered_at"),
    uuid("correlation_id", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.Index("ix_message_waiting", "queued_at", "id", postgresql_where=sa.text("status = 'queued' AND NOT held")),
    sa.Index("ix_message_newest", sa.text("queued_at DESC"), sa.text("id DESC")),
    sa.Index("ix_message_by_person", "person_id", sa.text("queued_at DESC"), sa.text("id DESC")),
    sa.Index("ix_message_by_owner", "owner_id", sa.text("queued_at DESC"), sa.text("id DESC")),
    sa.Index("ix_message_by_status", "status", sa.text("queued_at DESC"), sa.text("id DESC")),
    sa.Index("ix_message_by_channel", "channel", sa.text("queued_at DESC"), sa.text("id DESC")),
)

attempt = sa.Table(
    "attempt",
    metadata,
    id_column(),
    uuid("message_id", sa.ForeignKey("message.id"), nullable=False, index=True),
    timestamp("started_at", nullable=False),
    timestamp("finished_at"),
    sa.Column("answer", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("gateway_id", sa.Text),
)
