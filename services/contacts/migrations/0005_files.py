"""Files on cards and deals, and their lines on the timeline."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UUID = postgresql.UUID(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)
KINDS = ("call", "task", "message", "deal_created", "deal_stage_changed", "note")


def upgrade() -> None:
    """A table old code does not know, and one more kind of line than it writes."""
    op.create_table(
        "file",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("subject_id", UUID, nullable=False),
        sa.Column("author_id", UUID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.CheckConstraint("subject IN ('person', 'company', 'deal')", name="ck_file_subject"),
    )
    op.create_index("ix_file_subject", "file", ["subject_id", "subject", "created_at", "id"])
    _allow((*KINDS, "file"))


def downgrade() -> None:
    """Files are gone, their lines too; their contents stay in the folder. A timeline that is being made is given up."""
    op.execute("DELETE FROM timeline_rebuild")
    op.execute("DROP TABLE IF EXISTS timeline_building.timeline_item, timeline_building.timeline_deal")
    op.execute("DELETE FROM timeline_item WHERE kind = 'file'")
    op.execute("DELETE FROM due_work WHERE kind = 'files.drop'")
    _allow(KINDS)
    op.drop_table("file")


def _allow(kinds: tuple[str, ...]) -> None:
    """In the timeline in use and in one that is being made."""
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in ("public.timeline_item", "timeline_building.timeline_item"):
        op.execute(f"ALTER TABLE IF EXISTS {table} DROP CONSTRAINT IF EXISTS ck_timeline_item_kind")
        op.execute(f"ALTER TABLE IF EXISTS {table} ADD CONSTRAINT ck_timeline_item_kind CHECK (kind IN ({allowed}))")
