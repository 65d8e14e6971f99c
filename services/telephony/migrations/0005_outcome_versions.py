"""The version in which a call's outcome was last said: the telephone's news do not make an answer stale."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column old code does not know; what was said is held to be of the newest version."""
    op.add_column("call", sa.Column("outcome_version", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE call SET outcome_version = version WHERE outcome_at IS NOT NULL")


def downgrade() -> None:
    """Every news of a call makes an answer stale."""
    op.drop_column("call", "outcome_version")
