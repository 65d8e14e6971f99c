"""The tables of the chassis: outbox, inbox, idempotency, due work, dead letters, staff, aliases."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE outbox (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id uuid NOT NULL, type text NOT NULL, queue text, bulk boolean NOT NULL,
            body bytea NOT NULL, recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
    )
    op.execute("CREATE INDEX ix_outbox_bulk_id ON outbox (bulk, id)")
    op.execute(
        """
        CREATE TABLE outbox_sent (
            id bigint NOT NULL, event_id uuid NOT NULL, type text NOT NULL, queue text, bulk boolean NOT NULL,
            body bytea NOT NULL, recorded_at timestamptz NOT NULL, sent_at timestamptz NOT NULL
        ) PARTITION BY RANGE (sent_at)
        """
    )
    op.execute("CREATE INDEX ix_outbox_sent_recorded_at ON outbox_sent (recorded_at)")
    op.execute("CREATE TABLE outbox_sent_rest PARTITION OF outbox_sent DEFAULT")
    op.execute(
        """
        CREATE TABLE inbox (
            reader text NOT NULL, event_id uuid NOT NULL, handled_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (reader, event_id)
        )
        """
    )
    op.execute("CREATE INDEX ix_inbox_handled_at ON inbox (handled_at)")
    op.execute(
        """
        CREATE TABLE idempotency_key (
            principal text NOT NULL, key text NOT NULL, request_sha256 bytea NOT NULL,
            status smallint, etag text, body bytea, created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (principal, key)
        )
        """
    )
    op.execute("CREATE INDEX ix_idempotency_key_created_at ON idempotency_key (created_at)")
    op.execute(
        """
        CREATE TABLE due_work (
            kind text NOT NULL, key text NOT NULL, due_at timestamptz NOT NULL, payload jsonb NOT NULL,
            correlation_id uuid NOT NULL, attempts smallint NOT NULL DEFAULT 0, last_error text,
            PRIMARY KEY (kind, key)
        )
        """
    )
    op.execute("CREATE INDEX ix_due_work_due_at ON due_work (due_at)")
    op.execute(
        """
        CREATE TABLE dead_letter (
            id uuid PRIMARY KEY, queue text NOT NULL, type text, event_id uuid, reason text NOT NULL,
            content_type text, body bytea NOT NULL, died_at timestamptz NOT NULL DEFAULT now(),
            redriven_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX ix_dead_letter_died_at ON dead_letter (died_at, id)")
    op.execute(
        """
        CREATE TABLE staff_member (
            id uuid PRIMARY KEY, team_id uuid, role text NOT NULL, active boolean NOT NULL, locale text NOT NULL,
            name text NOT NULL, email text NOT NULL, version bigint NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_staff_member_team_id ON staff_member (team_id)")
    op.execute(
        "CREATE TABLE staff_team (id uuid PRIMARY KEY, name text NOT NULL, lead_id uuid, office text, "
        "version bigint NOT NULL)"
    )
    op.execute(
        "CREATE TABLE alias (noun text NOT NULL, loser uuid NOT NULL, winner uuid NOT NULL, PRIMARY KEY (noun, loser))"
    )
    op.execute("CREATE INDEX ix_alias_winner ON alias (noun, winner)")


def downgrade() -> None:
    """Drop them."""
    for table in (
        "alias",
        "staff_team",
        "staff_member",
        "dead_letter",
        "due_work",
        "idempotency_key",
        "inbox",
        "outbox_sent",
        "outbox",
    ):
        op.execute(f"DROP TABLE {table}")
