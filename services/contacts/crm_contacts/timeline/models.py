"""Tables of the timeline: its items, who has each deal now, and a rebuild while one is under way."""

import sqlalchemy as sa
from crm_chassis.tables import timestamp, uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contacts.metadata import metadata

# `id` is the subject's id for a call, task, message, note or file (one item each, newest state), and the event's id
# for what happened to a deal (one item per event).
timeline_item = sa.Table(
    "timeline_item",
    metadata,
    uuid("id", primary_key=True, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    uuid("person_id"),
    uuid("company_id"),
    uuid("deal_id"),
    uuid("owner_id"),
    timestamp("happened_at", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    uuid("correlation_id", nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("pii", JSONB),
    sa.CheckConstraint(
        "kind IN ('call', 'task', 'message', 'deal_created', 'deal_stage_changed', 'note', 'file')", name="kind"
    ),
    sa.Index("ix_timeline_item_person", "person_id", "happened_at", "id"),
    sa.Index("ix_timeline_item_company", "company_id", "happened_at", "id"),
    sa.Index("ix_timeline_item_deal", "deal_id"),
)

# Newest state of each deal as far as its items need it: they follow the deal's person, company and owner.
timeline_deal = sa.Table(
    "timeline_deal",
    metadata,
    uuid("deal_id", primary_key=True, nullable=False),
    uuid("person_id"),
    uuid("company_id"),
    uuid("owner_id", nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Index("ix_timeline_deal_person", "person_id"),
)

# Of the twins of the two tables above, in which the timeline is made anew (rebuild.py).
BUILDING_SCHEMA = "timeline_building"

# At most one row: the rebuild under way, and the archive's position up to which it has taken everything in.
timeline_rebuild = sa.Table(
    "timeline_rebuild",
    metadata,
    sa.Column("only", sa.Boolean, primary_key=True, server_default=sa.true()),
    uuid("run", nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False, server_default="0"),
    timestamp("began_at", nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint('"only"', name="one_row"),
)
