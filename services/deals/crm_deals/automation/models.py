"""Tables of automation rules and their runs."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_deals.metadata import metadata

automation_rule = sa.Table(
    "automation_rule",
    metadata,
    id_column(),
    uuid("stage_id", sa.ForeignKey("stage.id"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("template_key", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("origin_key", sa.Text, unique=True),
    timestamp("created_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("channel IN ('email', 'sms')", name="channel"),
    sa.Index("ix_automation_rule_stage_id", "stage_id"),
)

automation_run = sa.Table(
    "automation_run",
    metadata,
    id_column(),
    uuid("rule_id", sa.ForeignKey("automation_rule.id"), nullable=False),
    uuid("stage_entry_id", nullable=False),
    uuid("deal_id", nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    timestamp("ran_at", nullable=False),
    uuid("correlation_id", nullable=False),
    sa.CheckConstraint("result IN ('sent', 'no_person')", name="result"),
    sa.UniqueConstraint("rule_id", "stage_entry_id"),
    sa.Index("ix_automation_run_rule_id", "rule_id", "ran_at", "id"),
    sa.Index("ix_automation_run_deal_id", "deal_id", "ran_at", "id"),
    sa.Index("ix_automation_run_ran_at", "ran_at", "id"),
)
