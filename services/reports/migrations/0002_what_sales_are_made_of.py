"""Deal facts say for whom and of what; removals, teams, products and companies are facts; old rows are read again.

Rows written by the code of before lack what is new: `completed` stays behind `position` where they were, and the
code of now reads the archive again from there.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _uuid(name: str) -> sa.Column[Any]:
    return sa.Column(name, pg.UUID(as_uuid=True), nullable=False)


def _timestamp(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _fact_table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("generation", sa.Integer, nullable=False),
        _uuid("event_id"),
        _timestamp("archived_at"),
        *columns,
        sa.PrimaryKeyConstraint("generation", "event_id", name=f"pk_{name}"),
    )


def _sequence() -> sa.Column[Any]:
    return sa.Column("sequence", sa.BigInteger, nullable=False)


def _name() -> sa.Column[Any]:
    return sa.Column("name", sa.Text, nullable=False)


def upgrade() -> None:
    """Everything new is there, and nothing of what is archived is in it yet."""
    op.add_column("projection_generation", sa.Column("completed", sa.BigInteger, server_default="0", nullable=False))
    op.add_column("deal_version", sa.Column("company_id", pg.UUID(as_uuid=True)))
    op.add_column("deal_version", sa.Column("lines", pg.JSONB(none_as_null=True)))
    op.create_index("ix_deal_version_archived_at", "deal_version", ["generation", "archived_at"])
    op.create_index("ix_stage_entry_entered_at", "stage_entry", ["generation", "entered_at"])
    _fact_table("deal_removed", _uuid("deal_id"))
    op.create_index("ix_deal_removed_deal", "deal_removed", ["generation", "deal_id"])
    _fact_table(
        "team_version", _uuid("team_id"), _timestamp("since"), _sequence(), _name(), sa.Column("office", sa.Text)
    )
    op.create_index("ix_team_version_team", "team_version", ["generation", "team_id", "since"])
    for noun in ("product", "company"):
        _fact_table(f"{noun}_version", _uuid(f"{noun}_id"), _sequence(), _name())
        op.create_index(f"ix_{noun}_version_{noun}", f"{noun}_version", ["generation", f"{noun}_id", "sequence"])


def downgrade() -> None:
    """Nothing of it is left."""
    for table in ("company_version", "product_version", "team_version", "deal_removed"):
        op.drop_table(table)
    op.drop_index("ix_stage_entry_entered_at", "stage_entry")
    op.drop_index("ix_deal_version_archived_at", "deal_version")
    op.drop_column("deal_version", "lines")
    op.drop_column("deal_version", "company_id")
    op.drop_column("projection_generation", "completed")
