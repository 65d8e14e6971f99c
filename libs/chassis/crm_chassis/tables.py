"""The chassis' own tables, the same in every service's database; made by crm_chassis/migrations."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from crm_chassis.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> sa.MetaData:
    """Metadata with our constraint names, for a service's models."""
    return sa.MetaData(naming_convention=NAMING)


def id_column() -> sa.Column[UUID]:
    """A UUIDv7 primary key."""
    return sa.Column("id", PG_UUID(as_uuid=True), primary_key=True, default=new_id)


def uuid(name: str, *args: sa.schema.SchemaItem, nullable: bool = True, **kwargs: object) -> sa.Column[UUID]:
    """A uuid column."""
    return sa.Column(name, PG_UUID(as_uuid=True), *args, nullable=nullable, **kwargs)  # type: ignore[arg-type]


def timestamp(name: str, nullable: bool = True, **kwargs: object) -> "sa.Column[sa.DateTime]":
    """A timestamptz column."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, **kwargs)  # type: ignore[arg-type]


metadata = new_metadata()

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    uuid("event_id", nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("queue", sa.Text),
    sa.Column("bulk", sa.Boolean, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    timestamp("recorded_at", nullable=False, server_default=sa.func.clock_timestamp()),
)

outbox_sent = sa.Table(
    "outbox_sent",
    metadata,
    sa.Column("id", sa.BigInteger, nullable=False),
    uuid("event_id", nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("queue", sa.Text),
    sa.Column("bulk", sa.Boolean, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    timestamp("recorded_at", nullable=False),
    timestamp("sent_at", nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("reader", sa.Text, primary_key=True),
    uuid("event_id", primary_key=True, nullable=False),
    timestamp("handled_at", nullable=False, server_default=sa.func.now()),
)

idempotency_key = sa.Table(
    "idempotency_key",
    metadata,
    sa.Column("principal", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_sha256", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.SmallInteger),
    sa.Column("etag", sa.Text),
    sa.Column("body", sa.LargeBinary),
    timestamp("created_at", nullable=False, server_default=sa.func.now()),
)

due_work = sa.Table(
    "due_work",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    timestamp("due_at", nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    uuid("correlation_id", nullable=False),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text),
)

dead_letter = sa.Table(
    "dead_letter",
    metadata,
    id_column(),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("type", sa.Text),
    uuid("event_id"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text),
    sa.Column("body", sa.LargeBinary, nullable=False),
    timestamp("died_at", nullable=False, server_default=sa.func.now()),
    timestamp("redriven_at"),
    timestamp("discarded_at"),
)

staff_member = sa.Table(
    "staff_member",
    metadata,
    id_column(),
    uuid("team_id"),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

staff_team = sa.Table(
    "staff_team",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    uuid("lead_id"),
    sa.Column("office", sa.Text),
    sa.Column("version", sa.BigInteger, nullable=False),
)

staff_role = sa.Table(
    "staff_role",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("grants", JSONB, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

removed = sa.Table(
    "removed",
    metadata,
    sa.Column("noun", sa.Text, primary_key=True),
    uuid("id", primary_key=True, nullable=False),
)
"""Subjects a copy has been told are no more: an older event that comes later must not bring them back."""

alias = sa.Table(
    "alias",
    metadata,
    sa.Column("noun", sa.Text, primary_key=True),
    uuid("loser", primary_key=True, nullable=False),
    uuid("winner", nullable=False),
    sa.Index("ix_alias_winner", "noun", "winner"),
)

archive_check = sa.Table(
    "archive_check",
    metadata,
    sa.Column("only", sa.Boolean, primary_key=True, server_default=sa.true()),
    timestamp("compared_until", nullable=False),
    timestamp("asked_at", nullable=False),
    sa.CheckConstraint('"only"', name="one_row"),
)
"""One row. The archive has every event recorded here before `compared_until`."""
