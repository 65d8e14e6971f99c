"""Notes, and their lines on the timeline."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UUID = postgresql.UUID(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)
KINDS = ("call", "task", "message", "deal_created", "deal_stage_changed")


def upgrade() -> None:
    """A table old code does not know, and one more kind of line than it writes."""
    op.create_table(
        "note",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("subject_id", UUID, nullable=False),
        sa.Column("author_id", UUID, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.CheckConstraint("subject IN ('person', 'company', 'deal')", name="ck_note_subject"),
    )
    op.create_index("ix_note_subject", "note", ["subject_id", "subject", "created_at", "id"])
    _allow((*KINDS, "note"))


def downgrade() -> None:
    """Notes are gone, their lines too; a timeline that is being made is given up."""
    op.execute("DELETE FROM timeline_rebuild")
    op.execute("DROP TABLE IF EXISTS timeline_building.timeline_item, timeline_building.timeline_deal")
    op.execute("DELETE FROM timeline_item WHERE kind = 'note'")
    _allow(KINDS)
    op.drop_table("note")


def _allow(kinds: tuple[str, ...]) -> None:
    """In the timeline in use and in one that is being made."""
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in ("public.timeline_item", "timeline_building.timeline_item"):
        op.execute(f"ALTER TABLE IF EXISTS {table} DROP CONSTRAINT IF EXISTS ck_timeline_item_kind")
        op.execute(f"ALTER TABLE IF EXISTS {table} ADD CONSTRAINT ck_timeline_item_kind CHECK (kind IN ({allowed}))")
