"""What came of a call, as a person says."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns old code neither reads nor writes, and an index for the filter."""
    op.add_column("call", sa.Column("outcome", sa.Text))
    op.add_column("call", sa.Column("outcome_note", sa.Text, nullable=False, server_default=""))
    op.add_column("call", sa.Column("outcome_by", postgresql.UUID(as_uuid=True)))
    op.add_column("call", sa.Column("outcome_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_call_outcome_started_at",
        "call",
        ["outcome", "started_at", "id"],
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )


def downgrade() -> None:
    """Nobody remembers."""
    op.drop_index("ix_call_outcome_started_at", "call")
    for column in ("outcome", "outcome_note", "outcome_by", "outcome_at"):
        op.drop_column("call", column)
