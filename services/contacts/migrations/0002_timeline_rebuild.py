"""A place beside the timeline where it is made anew. Nothing of the timeline itself changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A schema for the tables being built, and a row while they are."""
    op.execute("CREATE SCHEMA timeline_building")
    op.create_table(
        "timeline_rebuild",
        sa.Column("only", sa.Boolean, primary_key=True, server_default=sa.true()),
        sa.Column("run", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint('"only"', name="ck_timeline_rebuild_one_row"),
    )


def downgrade() -> None:
    """A rebuild under way is given up; the timeline in use stays."""
    op.drop_table("timeline_rebuild")
    op.execute("DROP SCHEMA timeline_building CASCADE")
