"""Roles have a version, so that they can be changed; administrators may change them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Columns that old code does not read, and the grants of the new noun for the role that was made before it."""
    op.execute("ALTER TABLE role ADD COLUMN version bigint NOT NULL DEFAULT 1")
    op.execute("ALTER TABLE role ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now()")
    op.execute(
        "INSERT INTO role_grant (role, noun, action, scope) "
        "SELECT 'admin', 'role', action, 'all' FROM unnest(ARRAY['read', 'create', 'update', 'delete']) AS action "
        "WHERE EXISTS (SELECT 1 FROM role WHERE name = 'admin') ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    """As it was."""
    op.execute("DELETE FROM role_grant WHERE noun = 'role'")
    op.execute("ALTER TABLE role DROP COLUMN version")
    op.execute("ALTER TABLE role DROP COLUMN updated_at")
