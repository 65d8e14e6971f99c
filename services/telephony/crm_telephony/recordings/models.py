"""Recordings of calls: where they are to be had, how far we are, and who heard them."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_telephony.models import metadata

# `url` opens the recording for whoever has it: it is in no answer, event or log.
call_recording = sa.Table(
    "call_recording",
    metadata,
    id_column(),
    uuid("connection_id", sa.ForeignKey("pbx_connection.id"), nullable=False),
    sa.Column("vendor_recording_id", sa.Text, nullable=False),
    sa.Column("vendor_call_id", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("last_error", sa.Text),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    timestamp("try_after"),
    uuid("claim"),
    sa.Column("mime", sa.Text),
    sa.Column("duration_s", sa.Integer),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("sha256", sa.Text),
    uuid("correlation_id", nullable=False),
    timestamp("created_at", nullable=False),
    timestamp("updated_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("connection_id", "vendor_recording_id"),
    sa.CheckConstraint("state IN ('pending', 'fetching', 'stored', 'failed', 'absent')", name="state"),
    sa.Index("ix_call_recording_call", "connection_id", "vendor_call_id"),
    sa.Index("ix_call_recording_due", "try_after", postgresql_where=sa.text("state IN ('pending', 'fetching')")),
)

recording_play = sa.Table(
    "recording_play",
    metadata,
    id_column(),
    uuid("recording_id", sa.ForeignKey("call_recording.id"), nullable=False),
    uuid("call_id", nullable=False),
    uuid("user_id", nullable=False),
    sa.Column("remote_ip", sa.Text),
    sa.Column("first_byte", sa.BigInteger, nullable=False),
    timestamp("played_at", nullable=False),
    sa.Index("ix_recording_play_recording_id_played_at", "recording_id", "played_at"),
)
