"""Table of deal lines."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, uuid

from crm_deals.deals.models import MONEY
from crm_deals.metadata import metadata

deal_line = sa.Table(
    "deal_line",
    metadata,
    id_column(),
    uuid("deal_id", sa.ForeignKey("deal.id", ondelete="CASCADE"), nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False),
    uuid("product_id", sa.ForeignKey("product.id"), nullable=False),
    sa.Column("quantity", sa.Numeric(12, 3), nullable=False),
    sa.Column("price", MONEY, nullable=False),
    sa.Column("discount_percent", sa.Numeric(5, 2), nullable=False),
    sa.Column("total", MONEY, nullable=False),
    sa.UniqueConstraint("deal_id", "position"),
    sa.Index("ix_deal_line_product_id", "product_id"),
)
