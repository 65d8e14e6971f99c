"""Who speaks with customers may say what came of it: a right the roles made before lack."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """The built-in roles that may read calls get it, and are told to the services anew."""
    op.execute(
        "WITH added AS (INSERT INTO role_grant (role, noun, action, scope)"
        " SELECT given.role, 'call', 'update', given.scope"
        " FROM (VALUES ('salesperson', 'own'), ('team_lead', 'team'), ('sales_head', 'all')) AS given(role, scope)"
        " JOIN role_grant held ON held.role = given.role AND held.noun = 'call' AND held.action = 'read'"
        " ON CONFLICT DO NOTHING RETURNING role)"
        " UPDATE role SET version = version + 1, updated_at = now() WHERE name IN (SELECT role FROM added)"
    )


def downgrade() -> None:
    """They lack it again."""
    op.execute(
        "DELETE FROM role_grant WHERE noun = 'call' AND action = 'update'"
        " AND role IN ('salesperson', 'team_lead', 'sales_head')"
    )
    op.execute("UPDATE role SET version = version + 1 WHERE name IN ('salesperson', 'team_lead', 'sales_head')")
