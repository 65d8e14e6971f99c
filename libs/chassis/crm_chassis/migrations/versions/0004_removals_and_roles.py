"""Subjects that are no more, and the copy of what each role may do."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Two tables that old code does not read."""
    op.execute("CREATE TABLE removed (noun text, id uuid, CONSTRAINT pk_removed PRIMARY KEY (noun, id))")
    op.execute(
        """
        CREATE TABLE staff_role (
            id uuid CONSTRAINT pk_staff_role PRIMARY KEY,
            name text NOT NULL CONSTRAINT uq_staff_role_name UNIQUE,
            grants jsonb NOT NULL,
            version bigint NOT NULL
        )
        """
    )


def downgrade() -> None:
    """Nothing of it is left."""
    op.execute("DROP TABLE staff_role")
    op.execute("DROP TABLE removed")
