"""Dead letters can be given up for good, and those that wait for a decision are found by an index."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A column that old code does not read, and a small index."""
    op.execute("ALTER TABLE dead_letter ADD COLUMN discarded_at timestamptz")
    op.execute(
        "CREATE INDEX ix_dead_letter_waiting ON dead_letter (died_at, id) "
        "WHERE redriven_at IS NULL AND discarded_at IS NULL"
    )


def downgrade() -> None:
    """As it was."""
    op.execute("DROP INDEX ix_dead_letter_waiting")
    op.execute("ALTER TABLE dead_letter DROP COLUMN discarded_at")
