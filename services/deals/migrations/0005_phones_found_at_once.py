"""Numbers of new people go into their index at once.

Left in its list of what is pending, which waits for the next vacuum, they were read through by every lookup: half a
second for each portion of an imported file.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Empty the list, and keep none."""
    op.execute("ALTER INDEX ix_person_card_phones SET (fastupdate = off)")
    op.execute("SELECT gin_clean_pending_list('ix_person_card_phones')")


def downgrade() -> None:
    """As PostgreSQL has it by itself."""
    op.execute("ALTER INDEX ix_person_card_phones RESET (fastupdate)")
