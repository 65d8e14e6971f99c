"""A stage entry says which entry it takes back. No event before this version names one: no row is read again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Slips are found by what takes them back; few are."""
    op.add_column("stage_entry", sa.Column("corrects", pg.UUID(as_uuid=True)))
    op.create_index(
        "ix_stage_entry_corrects",
        "stage_entry",
        ["generation", "corrects"],
        postgresql_where=sa.text("corrects IS NOT NULL"),
    )


def downgrade() -> None:
    """Nothing of it is left."""
    op.drop_index("ix_stage_entry_corrects", "stage_entry")
    op.drop_column("stage_entry", "corrects")
