"""Roles are told to the services, those made before once."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """A column old code does not know: what it makes or changes counts as not told, and is at the next start."""
    op.execute("ALTER TABLE role ADD COLUMN told_version bigint NOT NULL DEFAULT 0")


def downgrade() -> None:
    """As it was."""
    op.execute("ALTER TABLE role DROP COLUMN told_version")
