"""Wrong passwords by a hash of what they count for: no address and no account can be read here."""

import sqlalchemy as sa
from crm_chassis.tables import timestamp

from crm_gateway.metadata import metadata

password_guess = sa.Table(
    "password_guess",
    metadata,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    timestamp("last_at", nullable=False),
    sa.Index("ix_password_guess_last_at", "last_at"),
)
