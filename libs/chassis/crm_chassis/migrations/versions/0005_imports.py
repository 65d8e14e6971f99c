"""Imports: jobs, their files, the rows of these and the keys by which rows repeat each other."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Four tables that old code does not read."""
    op.execute(
        """
        CREATE TABLE import_job (
            id uuid CONSTRAINT pk_import_job PRIMARY KEY,
            kind text NOT NULL,
            user_id uuid NOT NULL,
            state text NOT NULL CONSTRAINT ck_import_job_state CHECK (state IN (
                'reading', 'ready', 'checking', 'checked', 'running', 'done', 'cancelled', 'undoing', 'undone', 'failed'
            )),
            file_name text NOT NULL,
            file_bytes bigint NOT NULL,
            format jsonb,
            outline jsonb,
            mapping jsonb NOT NULL DEFAULT '{}',
            options jsonb NOT NULL DEFAULT '{}',
            skipped_doubts jsonb NOT NULL DEFAULT '[]',
            total integer NOT NULL DEFAULT 0,
            position integer NOT NULL DEFAULT 0,
            tries smallint NOT NULL DEFAULT 0,
            counts jsonb NOT NULL DEFAULT '{}',
            failure jsonb,
            wake_at timestamptz NOT NULL DEFAULT now(),
            correlation_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            version bigint NOT NULL DEFAULT 1
        )
        """
    )
    op.execute("CREATE INDEX ix_import_job_of_user ON import_job (user_id, kind, created_at, id)")
    op.execute(
        "CREATE INDEX ix_import_job_active ON import_job (created_at)"
        " WHERE state IN ('reading', 'checking', 'running', 'undoing')"
    )
    op.execute(
        """
        CREATE TABLE import_part (
            job_id uuid NOT NULL CONSTRAINT fk_import_part_job_id REFERENCES import_job ON DELETE CASCADE,
            number integer NOT NULL,
            bytes bytea NOT NULL,
            CONSTRAINT pk_import_part PRIMARY KEY (job_id, number)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE import_row (
            job_id uuid NOT NULL CONSTRAINT fk_import_row_job_id REFERENCES import_job ON DELETE CASCADE,
            number integer NOT NULL,
            cells jsonb NOT NULL,
            verdict text,
            findings jsonb NOT NULL DEFAULT '[]',
            ended text,
            subject_id uuid,
            before jsonb,
            after_version bigint,
            CONSTRAINT pk_import_row PRIMARY KEY (job_id, number)
        )
        """
    )
    op.execute("CREATE INDEX ix_import_row_verdict ON import_row (job_id, verdict, number)")
    op.execute(
        """
        CREATE TABLE import_key (
            job_id uuid NOT NULL CONSTRAINT fk_import_key_job_id REFERENCES import_job ON DELETE CASCADE,
            key text NOT NULL,
            number integer NOT NULL,
            CONSTRAINT pk_import_key PRIMARY KEY (job_id, key)
        )
        """
    )


def downgrade() -> None:
    """Nothing of it is left."""
    for table in ("import_key", "import_row", "import_part", "import_job"):
        op.execute(f"DROP TABLE {table}")
