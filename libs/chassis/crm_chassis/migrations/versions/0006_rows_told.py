"""Imports: rows of which something is said, found without reading the whole file."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """An index over few rows."""
    op.execute("CREATE INDEX ix_import_row_told ON import_row (job_id, number) WHERE findings <> '[]'")


def downgrade() -> None:
    """Found by reading the file's rows."""
    op.execute("DROP INDEX ix_import_row_told")
