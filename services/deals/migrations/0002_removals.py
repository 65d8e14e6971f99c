"""A deal's stage history is only ever added to, and goes with its deal when that is removed."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A line of history may be deleted, if its deal is gone by the end of the transaction."""
    op.execute(
        """
        CREATE FUNCTION refuse_to_forget() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM deal WHERE id = OLD.deal_id) THEN
                RAISE EXCEPTION '% is only ever added to while its deal stands', TG_TABLE_NAME;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute("DROP TRIGGER stage_entry_is_append_only ON stage_entry")
    op.execute(
        """
        CREATE TRIGGER stage_entry_is_append_only BEFORE UPDATE OR TRUNCATE ON stage_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )
    op.execute(
        """
        CREATE CONSTRAINT TRIGGER stage_entry_goes_with_its_deal AFTER DELETE ON stage_entry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_to_forget()
        """
    )


def downgrade() -> None:
    """History is never deleted."""
    op.execute("DROP TRIGGER stage_entry_goes_with_its_deal ON stage_entry")
    op.execute("DROP TRIGGER stage_entry_is_append_only ON stage_entry")
    op.execute(
        """
        CREATE TRIGGER stage_entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stage_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )
    op.execute("DROP FUNCTION refuse_to_forget()")
