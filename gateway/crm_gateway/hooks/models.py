"""The gateway's copy of PBX connections: which token is whose, and what the vendor wants to hear."""

import sqlalchemy as sa
from crm_chassis.tables import id_column

from crm_gateway.metadata import metadata

pbx_connection = sa.Table(
    "pbx_connection",
    metadata,
    id_column(),
    sa.Column("token_sha256", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("answer_body", sa.Text, nullable=False),
    sa.Column("answer_content_type", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_pbx_connection_token_sha256", "token_sha256"),
)
