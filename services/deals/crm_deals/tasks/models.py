"""Table of tasks, call-backs among them."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, timestamp, uuid
from sqlalchemy.dialects.postgresql import ARRAY

from crm_deals.metadata import metadata

task = sa.Table(
    "task",
    metadata,
    id_column(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("phone", sa.Text),
    uuid("owner_id", nullable=False),
    uuid("deal_id", sa.ForeignKey("deal.id")),
    uuid("person_id"),
    uuid("call_id"),
    sa.Column("origin_key", sa.Text, unique=True),
    sa.Column("misses", sa.Integer, nullable=False),
    timestamp("due_at", nullable=False),
    timestamp("remind_at"),
    timestamp("created_at", nullable=False),
    timestamp("completed_at"),
    sa.Column("completed_by", sa.Text),
    sa.Column("human_fields", ARRAY(sa.Text), nullable=False, server_default="{}"),
    uuid("correlation_id", nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("kind IN ('callback', 'plain')", name="kind"),
    sa.CheckConstraint("status IN ('open', 'done')", name="status"),
    sa.CheckConstraint("(status = 'done') = (completed_at IS NOT NULL)", name="completed"),
)

# Every list of tasks is in this order: what is due first is first.
for _filter in ("owner_id", "status", "deal_id", "person_id"):
    sa.Index(f"ix_task_{_filter}", task.c[_filter], task.c.due_at, task.c.id)
sa.Index("ix_task_completed_at", task.c.completed_at, postgresql_where=task.c.completed_at.is_not(None))
# What comes next for a deal, as far as somebody may see it.
sa.Index("ix_task_next_step", task.c.deal_id, task.c.due_at, task.c.owner_id, postgresql_where=task.c.status == "open")
sa.Index("ix_task_kind", task.c.kind, task.c.status, task.c.due_at, task.c.id)
sa.Index("ix_task_due_at", task.c.due_at, task.c.id)
sa.Index(
    "uq_task_open_callback",
    task.c.phone,
    unique=True,
    postgresql_where=sa.and_(task.c.kind == "callback", task.c.status == "open"),
)
