"""Table of imports: what a file last said of a deal, so that a newer one changes only what it says otherwise."""

import sqlalchemy as sa
from crm_chassis.tables import uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_deals.metadata import metadata

imported_deal = sa.Table(
    "imported_deal",
    metadata,
    uuid("deal_id", sa.ForeignKey("deal.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    sa.Column("said", JSONB, nullable=False),
)
