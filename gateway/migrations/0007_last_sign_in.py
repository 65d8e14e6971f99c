"""When somebody last signed in, for whoever looks after the users."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """A column old code does not know; of earlier sign-ins it tells what the sessions still do."""
    op.add_column("user_account", sa.Column("last_signed_in_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE user_account SET last_signed_in_at ="
        " (SELECT max(created_at) FROM session WHERE session.user_id = user_account.id)"
    )


def downgrade() -> None:
    """As it was."""
    op.drop_column("user_account", "last_signed_in_at")
