"""Calls and their legs: what the fold made of the webhooks."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from crm_telephony.models import metadata

_HAS_OUTCOME = sa.text("outcome IS NOT NULL")
_HAS_RECORDING = sa.text("recording_state = 'stored'")
_IS_MISSED = sa.text("result IN ('missed', 'abandoned_in_queue', 'abandoned_in_ivr', 'voicemail')")
_WAS_TALK = sa.text("answered_at IS NOT NULL")

call = sa.Table(
    "call",
    metadata,
    id_column(),
    uuid("connection_id", sa.ForeignKey("pbx_connection.id"), nullable=False),
    sa.Column("vendor_call_id", sa.Text),
    uuid("command_id", unique=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("closed", sa.Text),
    sa.Column("line", sa.Text),
    uuid("line_team_id"),
    uuid("fallback_user_id", nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("phone_e164", sa.Text),
    sa.Column("phone_raw", sa.Text, nullable=False),
    uuid("person_hint_id"),
    timestamp("started_at", nullable=False),
    timestamp("answered_at"),
    timestamp("ended_at"),
    sa.Column("ring_s", sa.Integer, nullable=False, server_default="0"),
    sa.Column("talk_s", sa.Integer, nullable=False, server_default="0"),
    sa.Column("hold_s", sa.Integer, nullable=False, server_default="0"),
    sa.Column("queue_s", sa.Integer, nullable=False, server_default="0"),
    sa.Column("person_rang", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("ringing_user_ids", ARRAY(PG_UUID(as_uuid=True)), nullable=False, server_default="{}"),
    uuid("answered_by"),
    uuid("responsible_user_id"),
    uuid("card_owner_id"),
    # What came of it, as a person says; the fold never touches these.
    sa.Column("outcome", sa.Text),
    sa.Column("outcome_note", sa.Text, nullable=False, server_default=""),
    uuid("outcome_by"),
    timestamp("outcome_at"),
    sa.Column("outcome_version", sa.BigInteger, nullable=False, server_default="0"),
    # The recording to be heard of it, as its own row stands (recordings/).
    uuid("recording_id"),
    sa.Column("recording_state", sa.Text),
    sa.Column("recording_duration_s", sa.Integer),
    sa.Column("recording_reason", sa.Text),
    sa.Column("link_sequence", sa.BigInteger, nullable=False, server_default="0"),
    uuid("correlation_id", nullable=False),
    timestamp("updated_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("connection_id", "vendor_call_id"),
    sa.Index("ix_call_started_at", "started_at", "id"),
    sa.Index("ix_call_responsible_user_id_started_at", "responsible_user_id", "started_at", "id"),
    sa.Index("ix_call_phone_e164_started_at", "phone_e164", "started_at", "id"),
    sa.Index("ix_call_person_hint_id_started_at", "person_hint_id", "started_at", "id"),
    sa.Index("ix_call_direction_started_at", "direction", "started_at", "id"),
    sa.Index("ix_call_result_started_at", "result", "started_at", "id"),
    sa.Index("ix_call_outcome_started_at", "outcome", "started_at", "id", postgresql_where=_HAS_OUTCOME),
    sa.Index("ix_call_recorded", "started_at", "id", postgresql_where=_HAS_RECORDING),
    sa.Index("ix_call_missed", "started_at", "id", postgresql_where=_IS_MISSED),
    sa.Index("ix_call_talk", "phone_e164", "answered_at", postgresql_where=_WAS_TALK),
    sa.Index("ix_call_phone_prefix", "phone_e164", postgresql_ops={"phone_e164": "text_pattern_ops"}),
    sa.Index("ix_call_live", "started_at", "id", postgresql_where=sa.text("phase <> 'ended'")),
)

sa.Index(
    "ix_call_phone_suffix",
    sa.func.reverse(call.c.phone_e164).label("backwards"),
    postgresql_ops={"backwards": "text_pattern_ops"},
)

call_leg = sa.Table(
    "call_leg",
    metadata,
    uuid("call_id", sa.ForeignKey("call.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    sa.Column("vendor_leg_id", sa.Text, primary_key=True),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("extension", sa.Text),
    uuid("user_id"),
    sa.Column("number", sa.Text),
    timestamp("began_at", nullable=False),
    timestamp("answered_at"),
    timestamp("ended_at"),
    sa.Column("end", sa.Text),
)
