"""A removed company must be proved to have no people, merged ones included, without reading everybody."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index that the foreign key of people's companies can use."""
    op.create_index("ix_person_company", "person", ["company_id"], postgresql_where=sa.text("company_id IS NOT NULL"))


def downgrade() -> None:
    """It is gone."""
    op.drop_index("ix_person_company", "person")
