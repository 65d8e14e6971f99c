"""Webhooks that were refused, counted by reason: nothing of what stood in them is kept."""

import sqlalchemy as sa
from crm_chassis.tables import timestamp, uuid

from crm_telephony.models import metadata

pbx_refusal = sa.Table(
    "pbx_refusal",
    metadata,
    uuid("connection_id", sa.ForeignKey("pbx_connection.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    sa.Column("reason", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    timestamp("last_at", nullable=False),
)
