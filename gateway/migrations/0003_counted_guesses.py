"""Wrong passwords are counted where every process and every restart sees them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """A table old code does not know, and an index for where a user has signed in from."""
    op.create_table(
        "password_guess",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_password_guess"),
    )
    op.create_index("ix_password_guess_last_at", "password_guess", ["last_at"])
    op.create_index("ix_session_user_id_address", "session", ["user_id", "address"])


def downgrade() -> None:
    """As it was."""
    op.drop_index("ix_session_user_id_address")
    op.drop_table("password_guess")
