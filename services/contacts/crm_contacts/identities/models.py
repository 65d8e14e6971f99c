"""The table of identities: phones and e-mails of people and companies."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, uuid

from crm_contacts.companies.models import company
from crm_contacts.metadata import metadata
from crm_contacts.people.models import person

# `value` is what identities are compared by: E.164 of a phone, the lower-cased address of an e-mail; null when the
# text is no valid phone number, and such a phone never matches. Not unique: two people may share a phone.
identity = sa.Table(
    "identity",
    metadata,
    id_column(),
    uuid("person_id", sa.ForeignKey(person.c.id)),
    uuid("company_id", sa.ForeignKey(company.c.id)),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", sa.Text(collation="C")),
    sa.Column("raw", sa.Text(collation="C"), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False),
    sa.CheckConstraint("num_nonnulls(person_id, company_id) = 1", name="one_card"),
    sa.CheckConstraint("kind IN ('phone', 'email')", name="kind"),
    sa.Index("ix_identity_person", "person_id"),
    sa.Index("ix_identity_company", "company_id"),
    sa.Index("ix_identity_value", "kind", "value"),
    sa.Index("ix_identity_raw", "kind", "raw", postgresql_where=sa.text("value IS NULL")),
    sa.Index(
        "ix_identity_phone_tail",
        sa.text("reverse(value)"),
        postgresql_where=sa.text("kind = 'phone'"),
    ),
)
