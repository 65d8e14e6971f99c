"""Table of what is known of each call, as far as call-backs need it (see rules.py)."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from crm_deals.metadata import metadata

known_call = sa.Table(
    "known_call",
    metadata,
    id_column(),
    sa.Column("was_missed", sa.Boolean, nullable=False),
    sa.Column("report_sequence", sa.BigInteger),
    sa.Column("phone", sa.Text),
    timestamp("started_at"),
    timestamp("ended_at"),
    timestamp("talk_at"),
    sa.Column("missed", sa.Boolean),
    sa.Column("ringing_user_ids", ARRAY(PG_UUID(as_uuid=True))),
    uuid("responsible_user_id"),
    uuid("fallback_user_id"),
    uuid("correlation_id"),
    sa.Column("link_sequence", sa.BigInteger),
    uuid("person_id"),
    sa.Column("person_name", sa.Text),
    uuid("link_owner_id"),
    sa.Column("link_owner_source", sa.Text),
)
sa.Index("ix_known_call_phone", known_call.c.phone, known_call.c.started_at)
sa.Index(
    "ix_known_call_talk",
    known_call.c.phone,
    known_call.c.talk_at,
    postgresql_where=known_call.c.talk_at.is_not(None),
)
