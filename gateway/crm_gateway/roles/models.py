"""Roles and what they may do, as data."""

import sqlalchemy as sa
from crm_chassis.tables import timestamp

from crm_gateway.metadata import metadata

role = sa.Table(
    "role",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    timestamp("updated_at", nullable=False, server_default=sa.func.now()),
    sa.Column("told_version", sa.BigInteger, nullable=False, server_default="0"),
)

role_grant = sa.Table(
    "role_grant",
    metadata,
    sa.Column("role", sa.ForeignKey("role.name"), primary_key=True),
    sa.Column("noun", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.CheckConstraint("scope in ('own', 'own_or_unassigned', 'team', 'all')", name="scope"),
)
