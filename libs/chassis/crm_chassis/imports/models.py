"""Tables of imports, the same in every service; made by crm_chassis/migrations."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis.tables import id_column, metadata, timestamp, uuid

job = sa.Table(
    "import_job",
    metadata,
    id_column(),
    sa.Column("kind", sa.Text, nullable=False),
    uuid("user_id", nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_bytes", sa.BigInteger, nullable=False),
    sa.Column("format", JSONB(none_as_null=True)),
    sa.Column("outline", JSONB(none_as_null=True)),
    sa.Column("mapping", JSONB, nullable=False),
    sa.Column("options", JSONB, nullable=False),
    sa.Column("skipped_doubts", JSONB, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("tries", sa.SmallInteger, nullable=False),
    sa.Column("counts", JSONB, nullable=False),
    sa.Column("failure", JSONB(none_as_null=True)),
    timestamp("wake_at", nullable=False, server_default=sa.func.now()),
    uuid("correlation_id", nullable=False),
    timestamp("created_at", nullable=False),
    timestamp("finished_at"),
    sa.Column("version", sa.BigInteger, nullable=False),
)
"""`position` is the number of the last row the present state has dealt with, `tries` its passes over waiting rows."""

part = sa.Table(
    "import_part",
    metadata,
    uuid("job_id", sa.ForeignKey("import_job.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
)
"""The file as it was sent, until it has been written: any process may have to read it again."""

row = sa.Table(
    "import_row",
    metadata,
    uuid("job_id", sa.ForeignKey("import_job.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("cells", JSONB, nullable=False),
    sa.Column("verdict", sa.Text),
    sa.Column("findings", JSONB, nullable=False),
    sa.Column("ended", sa.Text),
    uuid("subject_id"),
    sa.Column("before", JSONB(none_as_null=True)),
    sa.Column("after_version", sa.BigInteger),
)

key = sa.Table(
    "import_key",
    metadata,
    uuid("job_id", sa.ForeignKey("import_job.id"), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)
"""The first row of the file with each key; a later one with it is its duplicate."""
