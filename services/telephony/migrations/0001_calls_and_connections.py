"""PBX connections, the phone map, raw webhooks, calls, the phone index, orders to dial."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UUID = postgresql.UUID(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The first schema of telephony."""
    _connections()
    _webhooks()
    _calls()
    _phone_index()
    _orders()


def _connections() -> None:
    op.create_table(
        "pbx_connection",
        sa.Column("id", UUID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("token_sha256", sa.Text, nullable=False),
        sa.Column("secrets", sa.LargeBinary, nullable=False),
        sa.Column("api_url", sa.Text),
        sa.Column("trusted_networks", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("default_region", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("fallback_user_id", UUID, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pbx_connection"),
        sa.UniqueConstraint("token_sha256", name="uq_pbx_connection_token_sha256"),
    )
    op.create_table(
        "pbx_line",
        sa.Column("connection_id", UUID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("team_id", UUID),
        sa.Column("fallback_user_id", UUID),
        sa.PrimaryKeyConstraint("connection_id", "key", name="pk_pbx_line"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["pbx_connection.id"], name="fk_pbx_line_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "phone_map",
        sa.Column("id", UUID, nullable=False),
        sa.Column("connection_id", UUID, nullable=False),
        sa.Column("extension", sa.Text, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_phone_map"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["pbx_connection.id"], name="fk_phone_map_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_phone_map_connection_id_extension", "phone_map", ["connection_id", "extension", "valid_from"])
    op.create_index("ix_phone_map_user_id", "phone_map", ["user_id"])
    op.create_index(
        "uq_phone_map_current",
        "phone_map",
        ["connection_id", "extension"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )


def _webhooks() -> None:
    op.create_table(
        "call_event_raw",
        sa.Column("id", UUID, nullable=False),
        sa.Column("connection_id", UUID, nullable=False),
        sa.Column("vendor_event_key", sa.Text, nullable=False),
        sa.Column("vendor_call_id", sa.Text),
        sa.Column("command_id", UUID),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("headers", postgresql.JSONB, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("payload_sha256", sa.LargeBinary, nullable=False),
        sa.Column("remote_ip", sa.Text),
        sa.Column("correlation_id", UUID, nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("parsed_at", MOMENT),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("try_after", MOMENT),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_call_event_raw"),
        sa.UniqueConstraint(
            "connection_id", "vendor_event_key", name="uq_call_event_raw_connection_id_vendor_event_key"
        ),
        sa.ForeignKeyConstraint(["connection_id"], ["pbx_connection.id"], name="fk_call_event_raw_connection_id"),
    )
    op.create_index(
        "ix_call_event_raw_connection_id_vendor_call_id", "call_event_raw", ["connection_id", "vendor_call_id"]
    )
    op.create_index(
        "ix_call_event_raw_pending", "call_event_raw", ["id"], postgresql_where=sa.text("parsed_at IS NULL")
    )


def _calls() -> None:
    op.create_table(
        "call",
        sa.Column("id", UUID, nullable=False),
        sa.Column("connection_id", UUID, nullable=False),
        sa.Column("vendor_call_id", sa.Text),
        sa.Column("command_id", UUID),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("closed", sa.Text),
        sa.Column("line", sa.Text),
        sa.Column("line_team_id", UUID),
        sa.Column("fallback_user_id", UUID, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("phone_e164", sa.Text),
        sa.Column("phone_raw", sa.Text, nullable=False),
        sa.Column("person_hint_id", UUID),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("ring_s", sa.Integer, nullable=False, server_default="0"),
        sa.Column("talk_s", sa.Integer, nullable=False, server_default="0"),
        sa.Column("hold_s", sa.Integer, nullable=False, server_default="0"),
        sa.Column("queue_s", sa.Integer, nullable=False, server_default="0"),
        sa.Column("person_rang", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ringing_user_ids", postgresql.ARRAY(UUID), nullable=False, server_default="{}"),
        sa.Column("answered_by", UUID),
        sa.Column("responsible_user_id", UUID),
        sa.Column("card_owner_id", UUID),
        sa.Column("link_sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("correlation_id", UUID, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
        sa.UniqueConstraint("command_id", name="uq_call_command_id"),
        sa.UniqueConstraint("connection_id", "vendor_call_id", name="uq_call_connection_id_vendor_call_id"),
        sa.ForeignKeyConstraint(["connection_id"], ["pbx_connection.id"], name="fk_call_connection_id"),
    )
    op.create_index("ix_call_started_at", "call", ["started_at", "id"])
    for column in ("responsible_user_id", "phone_e164", "person_hint_id", "direction", "result"):
        op.create_index(f"ix_call_{column}_started_at", "call", [column, "started_at", "id"])
    op.create_index("ix_call_live", "call", ["started_at", "id"], postgresql_where=sa.text("phase <> 'ended'"))
    op.create_table(
        "call_leg",
        sa.Column("call_id", UUID, nullable=False),
        sa.Column("vendor_leg_id", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("extension", sa.Text),
        sa.Column("user_id", UUID),
        sa.Column("number", sa.Text),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("end", sa.Text),
        sa.PrimaryKeyConstraint("call_id", "vendor_leg_id", name="pk_call_leg"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_call_leg_call_id", ondelete="CASCADE"),
    )


def _phone_index() -> None:
    op.create_table(
        "person_copy",
        sa.Column("id", UUID, nullable=False),
        sa.Column("owner_id", UUID),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person_copy"),
    )
    op.create_table(
        "phone_index",
        sa.Column("phone_id", UUID, nullable=False),
        sa.Column("person_id", UUID, nullable=False),
        sa.Column("e164", sa.Text),
        sa.PrimaryKeyConstraint("phone_id", name="pk_phone_index"),
        sa.ForeignKeyConstraint(["person_id"], ["person_copy.id"], name="fk_phone_index_person_id", ondelete="CASCADE"),
    )
    op.create_index("ix_phone_index_e164", "phone_index", ["e164"])
    op.create_index("ix_phone_index_person_id", "phone_index", ["person_id"])


def _orders() -> None:
    op.create_table(
        "dial_command",
        sa.Column("id", UUID, nullable=False),
        sa.Column("call_id", UUID, nullable=False),
        sa.Column("connection_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("extension", sa.Text, nullable=False),
        sa.Column("to_e164", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_dial_command"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_dial_command_call_id"),
        sa.ForeignKeyConstraint(["connection_id"], ["pbx_connection.id"], name="fk_dial_command_connection_id"),
    )
    op.create_index("ix_dial_command_call_id", "dial_command", ["call_id"])
    op.create_index("ix_dial_command_user_id_requested_at", "dial_command", ["user_id", "requested_at"])
    op.create_index(
        "ix_dial_command_open",
        "dial_command",
        ["requested_at"],
        postgresql_where=sa.text("state IN ('queued', 'submitting')"),
    )
    op.create_index("ix_dial_command_to", "dial_command", ["connection_id", "to_e164", "requested_at"])


def downgrade() -> None:
    """Nothing of telephony is left."""
    for table in (
        "dial_command",
        "phone_index",
        "person_copy",
        "call_leg",
        "call",
        "call_event_raw",
        "phone_map",
        "pbx_line",
        "pbx_connection",
    ):
        op.drop_table(table)
