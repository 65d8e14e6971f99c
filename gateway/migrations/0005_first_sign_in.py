"""Who has ever signed in, so that who never has can be removed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A column old code does not know. Whoever was given a password before may have used it."""
    op.add_column("user_account", sa.Column("signed_in_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE user_account SET signed_in_at = updated_at WHERE password_hash IS NOT NULL")


def downgrade() -> None:
    """As it was."""
    op.drop_column("user_account", "signed_in_at")
