"""Up to when the archive is known to have every event recorded here."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """One row that old code does not read."""
    op.execute(
        """
        CREATE TABLE archive_check (
            "only" boolean PRIMARY KEY DEFAULT true CONSTRAINT ck_archive_check_one_row CHECK ("only"),
            compared_until timestamptz NOT NULL, asked_at timestamptz NOT NULL
        )
        """
    )
    op.execute("INSERT INTO archive_check (compared_until, asked_at) VALUES ('epoch', 'epoch')")


def downgrade() -> None:
    """It was never asked."""
    op.execute("DROP TABLE archive_check")
