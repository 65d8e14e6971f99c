"""The tables of deals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_MONEY = sa.Numeric(18, 3)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _pipelines()
    _deals()
    _cards()
    _tasks()
    _automation()


def downgrade() -> None:
    """Drop them."""
    for table in (
        "automation_run",
        "automation_rule",
        "known_call",
        "task",
        "company_card",
        "person_card",
        "stage_entry",
        "deal_line",
        "deal",
        "product",
        "stage",
        "pipeline",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")


def _pipelines() -> None:
    op.create_table(
        "pipeline",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("loss_reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("origin_key", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pipeline"),
        sa.UniqueConstraint("origin_key", name="uq_pipeline_origin_key"),
    )
    op.create_table(
        "stage",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("pipeline_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("probability", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('open', 'won', 'lost')", name="ck_stage_kind"),
        sa.CheckConstraint("probability BETWEEN 0 AND 100", name="ck_stage_probability"),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"], name="fk_stage_pipeline_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stage"),
        sa.UniqueConstraint(
            "pipeline_id", "position", deferrable=True, initially="DEFERRED", name="uq_stage_pipeline_id_position"
        ),
    )


def _deals() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("price", _MONEY, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_product"),
        sa.UniqueConstraint("sku", name="uq_product_sku"),
    )
    op.create_index("ix_product_active", "product", ["active", "name", "id"])
    op.create_index("ix_product_name", "product", ["name", "id"])
    op.create_table(
        "deal",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("person_id", sa.UUID()),
        sa.Column("company_id", sa.UUID()),
        sa.Column("pipeline_id", sa.UUID(), nullable=False),
        sa.Column("stage_id", sa.UUID(), nullable=False),
        sa.Column("stage_entry_id", sa.UUID(), nullable=False),
        sa.Column("stage_entered_at", _TIME, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("loss_reason", sa.Text()),
        sa.Column("entered_amount", _MONEY, nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=False),
        sa.Column("owner_source", sa.Text(), nullable=False),
        sa.Column("origin_type", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.Column("expected_close_on", sa.Date()),
        sa.Column("correlation_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(outcome = 'lost') = (loss_reason IS NOT NULL)", name="ck_deal_lost"),
        sa.CheckConstraint("(outcome = 'open') = (closed_at IS NULL)", name="ck_deal_closed"),
        sa.CheckConstraint("outcome IN ('open', 'won', 'lost')", name="ck_deal_outcome"),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"], name="fk_deal_pipeline_id"),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name="fk_deal_stage_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deal"),
        sa.UniqueConstraint("origin_type", "origin_id", name="uq_deal_origin_type_origin_id"),
    )
    op.create_index("ix_deal_closed_at", "deal", ["closed_at"], postgresql_where=sa.text("closed_at IS NOT NULL"))
    op.create_index("ix_deal_company_id", "deal", ["company_id", "stage_entered_at", "id"])
    op.create_index("ix_deal_created_at", "deal", ["created_at"])
    op.create_index("ix_deal_outcome", "deal", ["outcome", "stage_entered_at", "id"])
    op.create_index("ix_deal_owner_id", "deal", ["owner_id", "stage_entered_at", "id"])
    op.create_index("ix_deal_person_id", "deal", ["person_id", "stage_entered_at", "id"])
    op.create_index("ix_deal_pipeline_id", "deal", ["pipeline_id", "stage_entered_at", "id"])
    op.create_index("ix_deal_stage_entered_at", "deal", ["stage_entered_at", "id"])
    op.create_index("ix_deal_stage_id", "deal", ["stage_id", "stage_entered_at", "id"])
    op.create_index("ix_deal_title_trgm", "deal", [sa.text("lower(title) gin_trgm_ops")], postgresql_using="gin")
    op.create_table(
        "deal_line",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("deal_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.Numeric(12, 3), nullable=False),
        sa.Column("price", _MONEY, nullable=False),
        sa.Column("discount_percent", sa.Numeric(5, 2), nullable=False),
        sa.Column("total", _MONEY, nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_deal_line_deal_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_deal_line_product_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deal_line"),
        sa.UniqueConstraint("deal_id", "position", name="uq_deal_line_deal_id_position"),
    )
    op.create_index("ix_deal_line_product_id", "deal_line", ["product_id"])
    op.create_table(
        "stage_entry",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("deal_id", sa.UUID(), nullable=False),
        sa.Column("from_stage_id", sa.UUID()),
        sa.Column("to_stage_id", sa.UUID(), nullable=False),
        sa.Column("loss_reason", sa.Text()),
        sa.Column("happened_at", _TIME, nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_stage_entry_deal_id"),
        sa.ForeignKeyConstraint(["from_stage_id"], ["stage.id"], name="fk_stage_entry_from_stage_id"),
        sa.ForeignKeyConstraint(["to_stage_id"], ["stage.id"], name="fk_stage_entry_to_stage_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stage_entry"),
    )
    op.create_index("ix_stage_entry_deal_id", "stage_entry", ["deal_id", "happened_at"])
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER stage_entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stage_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )


def _cards() -> None:
    op.create_table(
        "person_card",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phones", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("owner_id", sa.UUID()),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person_card"),
    )
    op.create_index(
        "ix_person_card_name_trgm", "person_card", [sa.text("lower(name) gin_trgm_ops")], postgresql_using="gin"
    )
    op.create_table(
        "company_card",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.UUID()),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company_card"),
    )


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("owner_id", sa.UUID(), nullable=False),
        sa.Column("deal_id", sa.UUID()),
        sa.Column("person_id", sa.UUID()),
        sa.Column("call_id", sa.UUID()),
        sa.Column("origin_key", sa.Text()),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("remind_at", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("completed_at", _TIME),
        sa.Column("completed_by", sa.Text()),
        sa.Column("human_fields", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("correlation_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(status = 'done') = (completed_at IS NOT NULL)", name="ck_task_completed"),
        sa.CheckConstraint("kind IN ('callback', 'plain')", name="ck_task_kind"),
        sa.CheckConstraint("status IN ('open', 'done')", name="ck_task_status"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_task_deal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sa.UniqueConstraint("origin_key", name="uq_task_origin_key"),
    )
    op.create_index("ix_task_deal_id", "task", ["deal_id", "due_at", "id"])
    op.create_index("ix_task_due_at", "task", ["due_at", "id"])
    op.create_index("ix_task_kind", "task", ["kind", "status", "due_at", "id"])
    op.create_index("ix_task_owner_id", "task", ["owner_id", "due_at", "id"])
    op.create_index("ix_task_person_id", "task", ["person_id", "due_at", "id"])
    op.create_index("ix_task_status", "task", ["status", "due_at", "id"])
    op.create_index(
        "uq_task_open_callback",
        "task",
        ["phone"],
        unique=True,
        postgresql_where=sa.text("kind = 'callback' AND status = 'open'"),
    )
    op.create_table(
        "known_call",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("was_missed", sa.Boolean(), nullable=False),
        sa.Column("report_sequence", sa.BigInteger()),
        sa.Column("phone", sa.Text()),
        sa.Column("started_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("talk_at", _TIME),
        sa.Column("missed", sa.Boolean()),
        sa.Column("ringing_user_ids", postgresql.ARRAY(sa.UUID())),
        sa.Column("responsible_user_id", sa.UUID()),
        sa.Column("fallback_user_id", sa.UUID()),
        sa.Column("correlation_id", sa.UUID()),
        sa.Column("link_sequence", sa.BigInteger()),
        sa.Column("person_id", sa.UUID()),
        sa.Column("person_name", sa.Text()),
        sa.Column("link_owner_id", sa.UUID()),
        sa.Column("link_owner_source", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_known_call"),
    )
    op.create_index("ix_known_call_phone", "known_call", ["phone", "started_at"])
    op.create_index(
        "ix_known_call_talk", "known_call", ["phone", "talk_at"], postgresql_where=sa.text("talk_at IS NOT NULL")
    )


def _automation() -> None:
    op.create_table(
        "automation_rule",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("stage_id", sa.UUID(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template_key", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("origin_key", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'sms')", name="ck_automation_rule_channel"),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name="fk_automation_rule_stage_id"),
        sa.PrimaryKeyConstraint("id", name="pk_automation_rule"),
        sa.UniqueConstraint("origin_key", name="uq_automation_rule_origin_key"),
    )
    op.create_index("ix_automation_rule_stage_id", "automation_rule", ["stage_id"])
    op.create_table(
        "automation_run",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("rule_id", sa.UUID(), nullable=False),
        sa.Column("stage_entry_id", sa.UUID(), nullable=False),
        sa.Column("deal_id", sa.UUID(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("ran_at", _TIME, nullable=False),
        sa.Column("correlation_id", sa.UUID(), nullable=False),
        sa.CheckConstraint("result IN ('sent', 'no_person')", name="ck_automation_run_result"),
        sa.ForeignKeyConstraint(["rule_id"], ["automation_rule.id"], name="fk_automation_run_rule_id"),
        sa.PrimaryKeyConstraint("id", name="pk_automation_run"),
        sa.UniqueConstraint("rule_id", "stage_entry_id", name="uq_automation_run_rule_id_stage_entry_id"),
    )
    op.create_index("ix_automation_run_deal_id", "automation_run", ["deal_id", "ran_at", "id"])
    op.create_index("ix_automation_run_ran_at", "automation_run", ["ran_at", "id"])
    op.create_index("ix_automation_run_rule_id", "automation_run", ["rule_id", "ran_at", "id"])
