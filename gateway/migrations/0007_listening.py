"""Who may change what came of a call may listen to it: a right the roles made before lack."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Every role that may update calls gets it as far, and is told to the services anew."""
    op.execute(
        "WITH added AS (INSERT INTO role_grant (role, noun, action, scope)"
        " SELECT role, noun, 'listen', scope FROM role_grant WHERE noun = 'call' AND action = 'update'"
        " ON CONFLICT DO NOTHING RETURNING role)"
        " UPDATE role SET version = version + 1, updated_at = now() WHERE name IN (SELECT role FROM added)"
    )


def downgrade() -> None:
    """Nobody may."""
    op.execute(
        "WITH gone AS (DELETE FROM role_grant WHERE noun = 'call' AND action = 'listen' RETURNING role)"
        " UPDATE role SET version = version + 1, updated_at = now() WHERE name IN (SELECT role FROM gone)"
    )
