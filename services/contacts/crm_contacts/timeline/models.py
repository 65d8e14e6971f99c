"""Tables of the timeline: its items, and who has each deal now."""

import sqlalchemy as sa
from crm_chassis.tables import timestamp, uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contacts.metadata import metadata

# `id` is the subject's id for a call, task or message (one item each, newest state), and the event's id for what
# happened to a deal (one item per event).
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
    sa.CheckConstraint("kind IN ('call', 'task', 'message', 'deal_created', 'deal_stage_changed')", name="kind"),
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
