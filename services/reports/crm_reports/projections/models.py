"""Projection tables: one row per archived event, so order and duplication of events can not matter.

Each belongs to a generation; readers only see the live one. `archived_at` is what `known_at` asks about.
"""

import sqlalchemy as sa
from crm_chassis.tables import new_metadata, timestamp, uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = new_metadata()

projection_generation = sa.Table(
    "projection_generation",
    metadata,
    sa.Column("generation", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("completed", sa.BigInteger, nullable=False, server_default="0"),
    timestamp("archived_at"),
    timestamp("began_at", nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("state IN ('live', 'building', 'retired')", name="state"),
    sa.Index("uq_projection_generation_current", "state", unique=True, postgresql_where=sa.text("state <> 'retired'")),
)
"""`position` and `archived_at` are the watermark: of the last archived event the generation has taken in.

Code of another version may have taken some of them in, and left out what only we know of: up to `completed` it was
this one.
"""


def _fact_table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("generation", sa.Integer, primary_key=True),
        uuid("event_id", primary_key=True, nullable=False),
        timestamp("archived_at", nullable=False),
        *columns,
    )


stage_entry = _fact_table(
    "stage_entry",
    uuid("stage_entry_id", nullable=False),
    uuid("deal_id", nullable=False),
    uuid("pipeline_id", nullable=False),
    uuid("stage_id", nullable=False),
    sa.Column("outcome", sa.Text),
    timestamp("entered_at", nullable=False),
    timestamp("recorded_at", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    uuid("owner_id", nullable=False),
    sa.Column("amount", sa.Numeric, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Index("ix_stage_entry_window", "generation", "pipeline_id", "entered_at"),
    sa.Index("ix_stage_entry_deal", "generation", "deal_id", "entered_at", "sequence"),
    uuid("corrects"),
    sa.Index("ix_stage_entry_entered_at", "generation", "entered_at"),
    sa.Index("ix_stage_entry_corrects", "generation", "corrects", postgresql_where=sa.text("corrects IS NOT NULL")),
)
"""A deal entered a stage; `owner_id` is who owned it then. `corrects` is the entry that this one takes back."""

deal_version = _fact_table(
    "deal_version",
    uuid("deal_id", nullable=False),
    timestamp("happened_at", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.Text),
    uuid("owner_id", nullable=False),
    sa.Column("amount", sa.Numeric, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    uuid("company_id"),
    sa.Column("lines", JSONB(none_as_null=True)),
    sa.Index("ix_deal_version_deal", "generation", "deal_id", "happened_at", "sequence"),
    sa.Index("ix_deal_version_archived_at", "generation", "archived_at"),
)
"""A state of a deal; `lines` is its worth by product, null only where code of before wrote the row."""

deal_removed = _fact_table(
    "deal_removed",
    uuid("deal_id", nullable=False),
    sa.Index("ix_deal_removed_deal", "generation", "deal_id"),
)
"""The deal is no more: from when this is known it is in no figure, as of whatever day."""

call_version = _fact_table(
    "call_version",
    uuid("call_id", nullable=False),
    timestamp("happened_at", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("result", sa.Text),
    timestamp("started_at", nullable=False),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Column("missed", sa.Boolean, nullable=False),
    sa.Column("wait_s", sa.Integer),
    sa.Column("talk_s", sa.Integer, nullable=False),
    uuid("user_id", nullable=False),
    sa.Index("ix_call_version_started", "generation", "started_at"),
    sa.Index("ix_call_version_call", "generation", "call_id", "sequence"),
)
"""A state of a call; `user_id` is whom it is credited to, `wait_s` is null where nobody waited for us."""

pipeline_version = _fact_table(
    "pipeline_version",
    uuid("pipeline_id", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("stages", JSONB, nullable=False),
    sa.Index("ix_pipeline_version_pipeline", "generation", "pipeline_id", "sequence"),
)

membership = _fact_table(
    "membership",
    uuid("user_id", nullable=False),
    uuid("team_id"),
    timestamp("since", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Index("ix_membership_user", "generation", "user_id", "since"),
)
"""The team a user was in from `since` on, until the user's next row."""

team_version = _fact_table(
    "team_version",
    uuid("team_id", nullable=False),
    timestamp("since", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("office", sa.Text),
    sa.Index("ix_team_version_team", "generation", "team_id", "since"),
)
"""What a team was called and which office it sat in from `since` on, until its next row."""


def _names(noun: str) -> sa.Table:
    return _fact_table(
        f"{noun}_version",
        uuid(f"{noun}_id", nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Index(f"ix_{noun}_version_{noun}", "generation", f"{noun}_id", "sequence"),
    )


product_version = _names("product")
company_version = _names("company")

projection_reject = _fact_table(
    "projection_reject",
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
"""Events a projection reads but whose data is not what the contract says: in the archive, in no figure."""

FACT_TABLES: tuple[sa.Table, ...] = (
    stage_entry,
    deal_version,
    deal_removed,
    call_version,
    pipeline_version,
    membership,
    team_version,
    product_version,
    company_version,
    projection_reject,
)
