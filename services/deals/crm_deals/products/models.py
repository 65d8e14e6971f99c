"""Table of products."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp

from crm_deals.deals.models import MONEY
from crm_deals.metadata import metadata

product = sa.Table(
    "product",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sku", sa.Text, nullable=False, unique=True),
    sa.Column("price", MONEY, nullable=False),
    sa.Column("currency", sa.CHAR(3), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    timestamp("created_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_product_name", "name", "id"),
    sa.Index("ix_product_active", "active", "name", "id"),
)
