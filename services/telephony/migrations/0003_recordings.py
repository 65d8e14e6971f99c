"""Recordings of calls, who heard them, whose name a call shows, and the questions the log of calls is asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UUID = postgresql.UUID(as_uuid=True)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Columns old code neither reads nor writes, two tables, and the indexes."""
    op.create_table(
        "call_recording",
        sa.Column("id", _UUID, primary_key=True),
        sa.Column("connection_id", _UUID, sa.ForeignKey("pbx_connection.id"), nullable=False),
        sa.Column("vendor_recording_id", sa.Text, nullable=False),
        sa.Column("vendor_call_id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("last_error", sa.Text),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("try_after", _TIME),
        sa.Column("claim", _UUID),
        sa.Column("mime", sa.Text),
        sa.Column("duration_s", sa.Integer),
        sa.Column("bytes", sa.BigInteger),
        sa.Column("sha256", sa.Text),
        sa.Column("correlation_id", _UUID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.UniqueConstraint(
            "connection_id", "vendor_recording_id", name="uq_call_recording_connection_id_vendor_recording_id"
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'fetching', 'stored', 'failed', 'absent')", name="ck_call_recording_state"
        ),
    )
    op.create_index("ix_call_recording_call", "call_recording", ["connection_id", "vendor_call_id"])
    op.create_index(
        "ix_call_recording_due",
        "call_recording",
        ["try_after"],
        postgresql_where=sa.text("state IN ('pending', 'fetching')"),
    )
    op.create_table(
        "recording_play",
        sa.Column("id", _UUID, primary_key=True),
        sa.Column("recording_id", _UUID, sa.ForeignKey("call_recording.id"), nullable=False),
        sa.Column("call_id", _UUID, nullable=False),
        sa.Column("user_id", _UUID, nullable=False),
        sa.Column("remote_ip", sa.Text),
        sa.Column("first_byte", sa.BigInteger, nullable=False),
        sa.Column("played_at", _TIME, nullable=False),
    )
    op.create_index("ix_recording_play_recording_id_played_at", "recording_play", ["recording_id", "played_at"])
    op.add_column("person_copy", sa.Column("name", sa.Text))
    op.add_column("call", sa.Column("recording_id", _UUID))
    op.add_column("call", sa.Column("recording_state", sa.Text))
    op.add_column("call", sa.Column("recording_duration_s", sa.Integer))
    op.add_column("call", sa.Column("recording_reason", sa.Text))
    op.create_index(
        "ix_call_recorded", "call", ["started_at", "id"], postgresql_where=sa.text("recording_state = 'stored'")
    )
    missed = sa.text("result IN ('missed', 'abandoned_in_queue', 'abandoned_in_ivr', 'voicemail')")
    op.create_index("ix_call_missed", "call", ["started_at", "id"], postgresql_where=missed)
    talk = sa.text("answered_at IS NOT NULL")
    op.create_index("ix_call_talk", "call", ["phone_e164", "answered_at"], postgresql_where=talk)
    op.create_index("ix_call_phone_prefix", "call", ["phone_e164"], postgresql_ops={"phone_e164": "text_pattern_ops"})
    op.create_index("ix_call_phone_suffix", "call", [sa.text("reverse(phone_e164) text_pattern_ops")])


def downgrade() -> None:
    """Nobody heard anything."""
    for index in ("phone_suffix", "phone_prefix", "talk", "missed", "recorded"):
        op.drop_index(f"ix_call_{index}", "call")
    for column in ("id", "state", "duration_s", "reason"):
        op.drop_column("call", f"recording_{column}")
    op.drop_column("person_copy", "name")
    op.drop_table("recording_play")
    op.drop_table("call_recording")
