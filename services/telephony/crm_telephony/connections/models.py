"""Tables of PBX connections and the company's lines on them."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid
from sqlalchemy.dialects.postgresql import ARRAY

from crm_telephony.models import metadata

pbx_connection = sa.Table(
    "pbx_connection",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("token_sha256", sa.Text, nullable=False, unique=True),
    sa.Column("secrets", sa.LargeBinary, nullable=False),
    sa.Column("api_url", sa.Text),
    sa.Column("trusted_networks", ARRAY(sa.Text), nullable=False),
    sa.Column("default_region", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    uuid("fallback_user_id", nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    timestamp("created_at", nullable=False),
    timestamp("updated_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

pbx_line = sa.Table(
    "pbx_line",
    metadata,
    uuid("connection_id", sa.ForeignKey("pbx_connection.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False),
    uuid("team_id"),
    uuid("fallback_user_id"),
)
