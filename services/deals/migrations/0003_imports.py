"""What files said of deals, and names by which they find products' and contacts' copies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table and the indexes."""
    op.create_table(
        "imported_deal",
        sa.Column("deal_id", sa.UUID(), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_imported_deal_deal_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("deal_id", name="pk_imported_deal"),
    )
    op.create_index("ix_person_card_name", "person_card", [sa.text("lower(name)")])
    op.create_index("ix_company_card_name", "company_card", [sa.text("lower(name)")])
    op.create_index("ix_person_card_phones", "person_card", ["phones"], postgresql_using="gin")


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_person_card_phones", "person_card")
    op.drop_index("ix_company_card_name", "company_card")
    op.drop_index("ix_person_card_name", "person_card")
    op.drop_table("imported_deal")
