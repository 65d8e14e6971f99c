"""The copy of people's phones: a hint for pops, look-ups and dialling. Contacts is the only matcher."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, uuid

from crm_telephony.models import metadata

person_copy = sa.Table(
    "person_copy",
    metadata,
    id_column(),
    uuid("owner_id"),
    sa.Column("name", sa.Text),
    sa.Column("version", sa.BigInteger, nullable=False),
)

phone_index = sa.Table(
    "phone_index",
    metadata,
    uuid("phone_id", primary_key=True, nullable=False),
    uuid("person_id", sa.ForeignKey("person_copy.id", ondelete="CASCADE"), nullable=False),
    sa.Column("e164", sa.Text),
    sa.Index("ix_phone_index_e164", "e164"),
    sa.Index("ix_phone_index_person_id", "person_id"),
)
