"""The table that ties calls to cards, one row a call."""

import sqlalchemy as sa
from crm_chassis.tables import timestamp, uuid

from crm_contacts.metadata import metadata
from crm_contacts.people.models import person

# Capture and the timeline both make the row when they first hear of a call; its lock puts them in order.
# Until the call has a card everything but the id is null and `version` is 0.
call_link = sa.Table(
    "call_link",
    metadata,
    uuid("call_id", primary_key=True, nullable=False),
    uuid("person_id", sa.ForeignKey(person.c.id)),
    sa.Column("created", sa.Boolean, nullable=False, server_default=sa.false()),
    uuid("owner_id"),
    sa.Column("owner_source", sa.Text),
    # Who the rule chose and by which of its steps: the history the rota is dealt from.
    uuid("chosen_id"),
    sa.Column("chosen_by", sa.Text),
    timestamp("linked_at"),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    sa.CheckConstraint("chosen_by IN ('card', 'ringing', 'rota', 'fallback')", name="chosen_by"),
    sa.CheckConstraint("owner_source IN ('rule', 'answer', 'human')", name="owner_source"),
    sa.Index("ix_call_link_person", "person_id"),
    sa.Index("ix_call_link_rota", "chosen_id", "linked_at", postgresql_where=sa.text("chosen_by = 'rota'")),
)
