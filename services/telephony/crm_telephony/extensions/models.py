"""The phone map: which user an extension of a connection belonged to, and when."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_telephony.models import metadata

phone_map = sa.Table(
    "phone_map",
    metadata,
    id_column(),
    uuid("connection_id", sa.ForeignKey("pbx_connection.id", ondelete="CASCADE"), nullable=False),
    sa.Column("extension", sa.Text, nullable=False),
    uuid("user_id", nullable=False),
    timestamp("valid_from", nullable=False),
    timestamp("valid_to"),
    sa.Index("ix_phone_map_connection_id_extension", "connection_id", "extension", "valid_from"),
    sa.Index("ix_phone_map_user_id", "user_id"),
    sa.Index(
        "uq_phone_map_current",
        "connection_id",
        "extension",
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    ),
)
