"""Users, teams, roles, sessions, and the copy of PBX connections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0001"
down_revision = None


def _id() -> sa.Column[object]:
    return sa.Column("id", UUID(as_uuid=True), nullable=False)


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """The gateway's tables exist."""
    op.create_table("role", sa.Column("name", sa.Text, nullable=False), sa.PrimaryKeyConstraint("name", name="pk_role"))
    op.create_table(
        "role_grant",
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("role", "noun", "action", name="pk_role_grant"),
        sa.ForeignKeyConstraint(["role"], ["role.name"], name="fk_role_grant_role"),
        sa.CheckConstraint("scope in ('own', 'own_or_unassigned', 'team', 'all')", name="ck_role_grant_scope"),
    )
    op.create_table(
        "team",
        _id(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("lead_id", UUID(as_uuid=True)),
        sa.Column("office", sa.Text),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("name", name="uq_team_name"),
    )
    op.create_table(
        "user_account",
        _id(),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("team_id", UUID(as_uuid=True)),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("password_is_one_time", sa.Boolean, nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("email", name="uq_user_account_email"),
        sa.ForeignKeyConstraint(["role"], ["role.name"], name="fk_user_account_role"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_user_account_team_id"),
    )
    op.create_foreign_key("fk_team_lead_id", "team", "user_account", ["lead_id"], ["id"])
    op.create_index("ix_user_account_name", "user_account", ["name", "id"])
    op.create_index("ix_user_account_role", "user_account", ["role"])
    op.create_index("ix_user_account_team_id", "user_account", ["team_id"])
    op.create_index("ix_user_account_updated_at", "user_account", ["updated_at"])
    op.create_table(
        "session",
        _id(),
        sa.Column("token_sha256", sa.LargeBinary, nullable=False),
        sa.Column("user_id", UUID(as_uuid=True), nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("token_sha256", name="uq_session_token_sha256"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_session_user_id"),
        sa.CheckConstraint("transport in ('cookie', 'bearer')", name="ck_session_transport"),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], postgresql_where=sa.text("revoked_at is null"))
    op.create_index(
        "ix_session_revoked_at", "session", ["revoked_at"], postgresql_where=sa.text("revoked_at is not null")
    )
    op.create_index("ix_session_expires_at", "session", ["expires_at"])
    op.create_table(
        "pbx_connection",
        _id(),
        sa.Column("token_sha256", sa.Text, nullable=False),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("answer_body", sa.Text, nullable=False),
        sa.Column("answer_content_type", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pbx_connection"),
    )
    op.create_index("ix_pbx_connection_token_sha256", "pbx_connection", ["token_sha256"])


def downgrade() -> None:
    """The gateway's tables are gone."""
    op.drop_constraint("fk_team_lead_id", "team", type_="foreignkey")
    for table in ("pbx_connection", "session", "user_account", "team", "role_grant", "role"):
        op.drop_table(table)
