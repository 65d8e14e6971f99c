"""Templates, messages with their attempts, the addresses copy, notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UUID = postgresql.UUID(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)
NEWEST = [sa.text("queued_at DESC"), sa.text("id DESC")]
LATEST = [sa.text("created_at DESC"), sa.text("id DESC")]


def upgrade() -> None:
    """The first schema of notifications."""
    op.create_table(
        "template",
        sa.Column("id", UUID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("html", sa.Text),
        sa.Column("updated_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id", name="pk_template"),
        sa.UniqueConstraint("key", "locale", "channel", name="uq_template_key_locale_channel"),
        sa.CheckConstraint("channel IN ('email', 'sms')", name="ck_template_channel"),
    )
    op.create_index("ix_template_by_channel", "template", ["channel", "key", "locale", "id"])
    op.create_index("ix_template_by_locale", "template", ["locale", "key", "id"])

    op.create_table(
        "message",
        sa.Column("id", UUID, nullable=False),
        sa.Column("dedupe_key", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("template_key", sa.Text),
        sa.Column("person_id", UUID, nullable=False),
        sa.Column("deal_id", UUID),
        sa.Column("owner_id", UUID),
        sa.Column("to_address", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("html", sa.Text),
        sa.Column("parts", sa.SmallInteger, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("error_detail", sa.Text),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("attempt_id", UUID),
        sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("not_after", MOMENT),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("delivered_at", MOMENT),
        sa.Column("correlation_id", UUID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("dedupe_key", name="uq_message_dedupe_key"),
        sa.CheckConstraint("channel IN ('email', 'sms')", name="ck_message_channel"),
        sa.CheckConstraint(
            "status IN ('queued', 'submitting', 'uncertain', 'sent', 'failed', 'delivered')",
            name="ck_message_status",
        ),
        # What the sender takes can be sent: an address is known, and an e-mail has its subject.
        sa.CheckConstraint("status = 'failed' OR to_address IS NOT NULL", name="ck_message_has_address"),
        sa.CheckConstraint(
            "status = 'failed' OR channel <> 'email' OR subject IS NOT NULL", name="ck_message_has_subject"
        ),
    )
    op.create_index(
        "ix_message_waiting",
        "message",
        ["queued_at", "id"],
        postgresql_where=sa.text("status = 'queued' AND NOT held"),
    )
    op.create_index("ix_message_newest", "message", NEWEST)
    op.create_index("ix_message_by_person", "message", ["person_id", *NEWEST])
    op.create_index("ix_message_by_owner", "message", ["owner_id", *NEWEST])
    op.create_index("ix_message_by_status", "message", ["status", *NEWEST])
    op.create_index("ix_message_by_channel", "message", ["channel", *NEWEST])

    op.create_table(
        "attempt",
        sa.Column("id", UUID, nullable=False),
        sa.Column("message_id", UUID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("answer", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("gateway_id", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_attempt_message_id"),
        sa.CheckConstraint("answer IN ('accepted', 'refused', 'deferred', 'unknown')", name="ck_attempt_answer"),
    )
    op.create_index("ix_attempt_message_id", "attempt", ["message_id"])

    op.create_table(
        "person_address",
        sa.Column("person_id", UUID, nullable=False),
        sa.Column("owner_id", UUID),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("locale", sa.Text),
        sa.Column("phones", postgresql.JSONB, nullable=False),
        sa.Column("emails", postgresql.JSONB, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_address"),
    )

    op.create_table(
        "notice",
        sa.Column("id", UUID, nullable=False),
        sa.Column("origin_key", sa.Text, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_kind", sa.Text, nullable=False),
        sa.Column("subject_id", UUID, nullable=False),
        sa.Column("params", postgresql.JSONB, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("origin_key", name="uq_notice_origin_key"),
    )
    op.create_index("ix_notice_of_user", "notice", ["user_id", *LATEST])
    op.create_index("ix_notice_unread", "notice", ["user_id", *LATEST], postgresql_where=sa.text("read_at IS NULL"))


def downgrade() -> None:
    """Nothing of notifications is left."""
    for table in ("notice", "person_address", "attempt", "message", "template"):
        op.drop_table(table)
