"""Webhooks as they came; the calls are folds of them."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_telephony.models import metadata

call_event_raw = sa.Table(
    "call_event_raw",
    metadata,
    id_column(),
    uuid("connection_id", sa.ForeignKey("pbx_connection.id"), nullable=False),
    sa.Column("vendor_event_key", sa.Text, nullable=False),
    sa.Column("vendor_call_id", sa.Text),
    uuid("command_id"),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("headers", JSONB, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("payload_sha256", sa.LargeBinary, nullable=False),
    sa.Column("remote_ip", sa.Text),
    uuid("correlation_id", nullable=False),
    timestamp("arrived_at", nullable=False),
    timestamp("parsed_at"),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    timestamp("try_after"),
    sa.Column("error", sa.Text),
    sa.UniqueConstraint("connection_id", "vendor_event_key"),
    sa.Index("ix_call_event_raw_connection_id_vendor_call_id", "connection_id", "vendor_call_id"),
    sa.Index("ix_call_event_raw_connection_id_arrived_at", "connection_id", "arrived_at", "id"),
    sa.Index("ix_call_event_raw_pending", "id", postgresql_where=sa.text("parsed_at IS NULL")),
)
