"""Tables of deals; money is exact to three places, the most any currency has."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_deals.metadata import metadata

MONEY = sa.Numeric(18, 3)

deal = sa.Table(
    "deal",
    metadata,
    id_column(),
    sa.Column("title", sa.Text, nullable=False),
    uuid("person_id"),
    uuid("company_id"),
    uuid("pipeline_id", sa.ForeignKey("pipeline.id"), nullable=False),
    uuid("stage_id", sa.ForeignKey("stage.id"), nullable=False),
    uuid("stage_entry_id", nullable=False),
    timestamp("stage_entered_at", nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("loss_reason", sa.Text),
    sa.Column("entered_amount", MONEY, nullable=False),
    sa.Column("amount", MONEY, nullable=False),
    sa.Column("currency", sa.CHAR(3), nullable=False),
    uuid("owner_id", nullable=False),
    sa.Column("owner_source", sa.Text, nullable=False),
    sa.Column("origin_type", sa.Text, nullable=False),
    sa.Column("origin_id", sa.Text),
    timestamp("created_at", nullable=False),
    timestamp("closed_at"),
    sa.Column("expected_close_on", sa.Date),
    uuid("correlation_id", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("outcome IN ('open', 'won', 'lost')", name="outcome"),
    sa.CheckConstraint("(outcome = 'open') = (closed_at IS NULL)", name="closed"),
    sa.CheckConstraint("(outcome = 'lost') = (loss_reason IS NOT NULL)", name="lost"),
    sa.UniqueConstraint("origin_type", "origin_id"),
)

# Every list of deals is in this order: what moved last is first.
for _filter in ("stage_id", "pipeline_id", "owner_id", "person_id", "company_id", "outcome"):
    sa.Index(f"ix_deal_{_filter}", deal.c[_filter], deal.c.stage_entered_at, deal.c.id)
sa.Index("ix_deal_stage_entered_at", deal.c.stage_entered_at, deal.c.id)
sa.Index(
    "ix_deal_open_of_owner",
    deal.c.owner_id,
    deal.c.stage_entered_at,
    deal.c.id,
    postgresql_where=deal.c.outcome == "open",
)
sa.Index("ix_deal_created_at", deal.c.created_at, deal.c.id)
sa.Index("ix_deal_amount", deal.c.amount, deal.c.id)
sa.Index("ix_deal_expected_close_on", deal.c.expected_close_on, postgresql_where=deal.c.expected_close_on.is_not(None))
sa.Index("ix_deal_closed_at", deal.c.closed_at, postgresql_where=deal.c.closed_at.is_not(None))
sa.Index(
    "ix_deal_title_trgm",
    sa.func.lower(deal.c.title).label("title"),
    postgresql_using="gin",
    postgresql_ops={"title": "gin_trgm_ops"},
)

stage_entry = sa.Table(
    "stage_entry",
    metadata,
    id_column(),
    uuid("deal_id", sa.ForeignKey("deal.id"), nullable=False),
    uuid("from_stage_id", sa.ForeignKey("stage.id")),
    uuid("to_stage_id", sa.ForeignKey("stage.id"), nullable=False),
    sa.Column("loss_reason", sa.Text),
    timestamp("happened_at", nullable=False),
    timestamp("recorded_at", nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    # The entry that this one takes back: both stay, so that the history says what was seen meanwhile.
    uuid("corrects"),
    sa.Index("ix_stage_entry_deal_id", "deal_id", "happened_at"),
)
