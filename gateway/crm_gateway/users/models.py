"""Users: who works here. `email` is lower-cased; no password yet means no sign-in; `signed_in_at` is the first."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid

from crm_gateway.metadata import metadata

user_account = sa.Table(
    "user_account",
    metadata,
    id_column(),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.ForeignKey("role.name"), nullable=False),
    uuid("team_id", sa.ForeignKey("team.id")),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("password_hash", sa.Text),
    sa.Column("password_is_one_time", sa.Boolean, nullable=False),
    timestamp("signed_in_at"),
    timestamp("last_signed_in_at"),
    timestamp("created_at", nullable=False),
    timestamp("updated_at", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_user_account_name", "name", "id"),
    sa.Index("ix_user_account_role", "role"),
    sa.Index("ix_user_account_team_id", "team_id"),
    sa.Index("ix_user_account_updated_at", "updated_at"),
)
