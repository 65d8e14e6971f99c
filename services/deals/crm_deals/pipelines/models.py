"""Tables of pipelines."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid
from sqlalchemy.dialects.postgresql import ARRAY

from crm_deals.metadata import metadata

pipeline = sa.Table(
    "pipeline",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("loss_reasons", ARRAY(sa.Text), nullable=False),
    sa.Column("origin_key", sa.Text, unique=True),
    timestamp("created_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

stage = sa.Table(
    "stage",
    metadata,
    id_column(),
    uuid("pipeline_id", sa.ForeignKey("pipeline.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False),
    sa.Column("probability", sa.SmallInteger, nullable=False),
    sa.CheckConstraint("kind IN ('open', 'won', 'lost')", name="kind"),
    sa.CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
    sa.UniqueConstraint("pipeline_id", "position", deferrable=True, initially="DEFERRED"),
)
