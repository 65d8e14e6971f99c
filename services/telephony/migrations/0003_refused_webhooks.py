"""Refused webhooks counted by reason, and the first and last of a connection found at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table and an index old code does not know."""
    op.create_table(
        "pbx_refusal",
        sa.Column("connection_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "reason", name="pk_pbx_refusal"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["pbx_connection.id"], name="fk_pbx_refusal_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_call_event_raw_connection_id_arrived_at", "call_event_raw", ["connection_id", "arrived_at", "id"]
    )


def downgrade() -> None:
    """Nobody counts."""
    op.drop_index("ix_call_event_raw_connection_id_arrived_at", "call_event_raw")
    op.drop_table("pbx_refusal")
