"""The archive with its head and default partition (months are made at start), and the projections' first generation."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _uuid(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, pg.UUID(as_uuid=True), nullable=nullable)


def _timestamp(name: str, nullable: bool = False, **kwargs: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, **kwargs)


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _fact_table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("generation", sa.Integer, nullable=False),
        _uuid("event_id"),
        _timestamp("archived_at"),
        *columns,
        sa.PrimaryKeyConstraint("generation", "event_id", name=f"pk_{name}"),
    )


def upgrade() -> None:
    """Everything is there, empty."""
    _create_archive()
    _create_generations()
    _create_facts()


def _create_archive() -> None:
    op.create_table(
        "event_archive",
        _uuid("id"),
        sa.Column("position", sa.BigInteger, nullable=False),
        _text("type"),
        _text("subject"),
        _uuid("subject_id"),
        _timestamp("time"),
        _timestamp("recordedtime"),
        _timestamp("archived_at"),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        _text("actor"),
        _uuid("correlationid"),
        _uuid("causationid", nullable=True),
        _text("lane"),
        sa.Column("data", pg.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_archive"),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_event_archive_position", "event_archive", ["position"])
    op.execute("CREATE TABLE event_archive_default PARTITION OF event_archive DEFAULT")
    op.create_table(
        "event_pii",
        _uuid("subject_id"),
        _uuid("event_id"),
        sa.Column("pii", pg.JSONB),
        sa.PrimaryKeyConstraint("subject_id", "event_id", name="pk_event_pii"),
    )
    op.create_table(
        "archive_head",
        sa.Column("only", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        _timestamp("stamp"),
        sa.Column("conflicts", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_archive_head"),
        sa.CheckConstraint('"only"', name="ck_archive_head_one_row"),
    )
    op.execute("INSERT INTO archive_head (position, stamp, conflicts) VALUES (0, 'epoch', 0)")


def _create_generations() -> None:
    op.create_table(
        "projection_generation",
        sa.Column("generation", sa.Integer, sa.Identity(always=True), nullable=False),
        _text("state"),
        sa.Column("position", sa.BigInteger, server_default="0", nullable=False),
        _timestamp("archived_at", nullable=True),
        _timestamp("began_at", server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("generation", name="pk_projection_generation"),
        sa.CheckConstraint("state IN ('live', 'building', 'retired')", name="ck_projection_generation_state"),
    )
    op.create_index(
        "uq_projection_generation_current",
        "projection_generation",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state <> 'retired'"),
    )
    op.execute("INSERT INTO projection_generation (state) VALUES ('live')")


def _create_facts() -> None:
    _fact_table(
        "stage_entry",
        _uuid("stage_entry_id"),
        _uuid("deal_id"),
        _uuid("pipeline_id"),
        _uuid("stage_id"),
        _text("outcome", nullable=True),
        _timestamp("entered_at"),
        _timestamp("recorded_at"),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        _uuid("owner_id"),
        sa.Column("amount", sa.Numeric, nullable=False),
        _text("currency"),
    )
    op.create_index("ix_stage_entry_window", "stage_entry", ["generation", "pipeline_id", "entered_at"])
    op.create_index("ix_stage_entry_deal", "stage_entry", ["generation", "deal_id", "entered_at", "sequence"])
    _fact_table(
        "deal_version",
        _uuid("deal_id"),
        _timestamp("happened_at"),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        _text("outcome", nullable=True),
        _uuid("owner_id"),
        sa.Column("amount", sa.Numeric, nullable=False),
        _text("currency"),
    )
    op.create_index("ix_deal_version_deal", "deal_version", ["generation", "deal_id", "happened_at", "sequence"])
    _fact_table(
        "call_version",
        _uuid("call_id"),
        _timestamp("happened_at"),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        _text("direction"),
        _text("result", nullable=True),
        _timestamp("started_at"),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("missed", sa.Boolean, nullable=False),
        sa.Column("wait_s", sa.Integer),
        sa.Column("talk_s", sa.Integer, nullable=False),
        _uuid("user_id"),
    )
    op.create_index("ix_call_version_started", "call_version", ["generation", "started_at"])
    op.create_index("ix_call_version_call", "call_version", ["generation", "call_id", "sequence"])
    _fact_table(
        "pipeline_version",
        _uuid("pipeline_id"),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        _text("name"),
        sa.Column("stages", pg.JSONB, nullable=False),
    )
    op.create_index("ix_pipeline_version_pipeline", "pipeline_version", ["generation", "pipeline_id", "sequence"])
    _fact_table(
        "membership",
        _uuid("user_id"),
        _uuid("team_id", nullable=True),
        _timestamp("since"),
        sa.Column("sequence", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_membership_user", "membership", ["generation", "user_id", "since"])
    _fact_table("projection_reject", _text("type"), _text("reason"))


def downgrade() -> None:
    """Nothing of it is left."""
    for table in (
        "projection_reject",
        "membership",
        "pipeline_version",
        "call_version",
        "deal_version",
        "stage_entry",
        "projection_generation",
        "archive_head",
        "event_pii",
        "event_archive",
    ):
        op.drop_table(table)
