"""Things and what came of them."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the sample's tables."""
    op.execute("CREATE TABLE thing (id uuid PRIMARY KEY, name text NOT NULL, owner_id uuid, version bigint NOT NULL)")
    op.execute("CREATE TABLE thing_copy (id uuid PRIMARY KEY, name text NOT NULL, version bigint NOT NULL)")
    op.execute("CREATE TABLE fact (event_id uuid PRIMARY KEY, name text NOT NULL)")
    op.execute("CREATE TABLE effect (event_id uuid NOT NULL, name text NOT NULL)")


def downgrade() -> None:
    """Drop them."""
    for table in ("effect", "fact", "thing_copy", "thing"):
        op.execute(f"DROP TABLE {table}")
