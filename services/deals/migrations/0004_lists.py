"""Indexes of what the list of deals is narrowed and ordered by, and which stage entry a move takes back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create them."""
    op.drop_index("ix_deal_created_at", "deal")
    op.create_index("ix_deal_created_at", "deal", ["created_at", "id"])
    op.create_index("ix_deal_amount", "deal", ["amount", "id"])
    op.create_index(
        "ix_deal_open_of_owner",
        "deal",
        ["owner_id", "stage_entered_at", "id"],
        postgresql_where=sa.text("outcome = 'open'"),
    )
    op.create_index(
        "ix_deal_expected_close_on",
        "deal",
        ["expected_close_on"],
        postgresql_where=sa.text("expected_close_on IS NOT NULL"),
    )
    op.create_index(
        "ix_task_next_step", "task", ["deal_id", "due_at", "owner_id"], postgresql_where=sa.text("status = 'open'")
    )
    op.create_index(
        "ix_task_completed_at", "task", ["completed_at"], postgresql_where=sa.text("completed_at IS NOT NULL")
    )
    op.add_column("stage_entry", sa.Column("corrects", sa.UUID()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("stage_entry", "corrects")
    op.drop_index("ix_task_completed_at", "task")
    op.drop_index("ix_task_next_step", "task")
    op.drop_index("ix_deal_expected_close_on", "deal")
    op.drop_index("ix_deal_open_of_owner", "deal")
    op.drop_index("ix_deal_amount", "deal")
    op.drop_index("ix_deal_created_at", "deal")
    op.create_index("ix_deal_created_at", "deal", ["created_at"])
