"""Orders to dial, one per click: committed before the PBX is asked, asked once."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_telephony.models import metadata

dial_command = sa.Table(
    "dial_command",
    metadata,
    id_column(),
    uuid("call_id", sa.ForeignKey("call.id"), nullable=False),
    uuid("connection_id", sa.ForeignKey("pbx_connection.id"), nullable=False),
    uuid("user_id", nullable=False),
    sa.Column("extension", sa.Text, nullable=False),
    sa.Column("to_e164", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    timestamp("requested_at", nullable=False),
    timestamp("submitted_at"),
    timestamp("settled_at"),
    sa.Index("ix_dial_command_call_id", "call_id"),
    sa.Index("ix_dial_command_user_id_requested_at", "user_id", "requested_at"),
    sa.Index("ix_dial_command_open", "requested_at", postgresql_where=sa.text("state IN ('queued', 'submitting')")),
    sa.Index("ix_dial_command_to", "connection_id", "to_e164", "requested_at"),
)
