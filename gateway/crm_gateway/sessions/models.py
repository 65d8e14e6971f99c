"""Sessions: who is signed in. Only the sha256 of a token is kept."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_gateway.metadata import metadata

session = sa.Table(
    "session",
    metadata,
    id_column(),
    sa.Column("token_sha256", sa.LargeBinary, nullable=False, unique=True),
    uuid("user_id", sa.ForeignKey("user_account.id"), nullable=False),
    sa.Column("transport", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    timestamp("created_at", nullable=False),
    timestamp("expires_at", nullable=False),
    timestamp("revoked_at"),
    sa.CheckConstraint("transport in ('cookie', 'bearer')", name="transport"),
    sa.Index("ix_session_user_id", "user_id", postgresql_where=sa.text("revoked_at is null")),
    sa.Index("ix_session_user_id_address", "user_id", "address"),
    sa.Index("ix_session_revoked_at", "revoked_at", postgresql_where=sa.text("revoked_at is not null")),
    sa.Index("ix_session_expires_at", "expires_at"),
)
