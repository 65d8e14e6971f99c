"""Tables of the copy: the few fields of people and companies that deals shows and judges rights by."""

import sqlalchemy as sa
from crm_chassis.tables import id_column, uuid
from sqlalchemy.dialects.postgresql import ARRAY

from crm_deals.metadata import metadata

person_card = sa.Table(
    "person_card",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("phones", ARRAY(sa.Text), nullable=False),
    uuid("owner_id"),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
sa.Index(
    "ix_person_card_name_trgm",
    sa.func.lower(person_card.c.name).label("name"),
    postgresql_using="gin",
    postgresql_ops={"name": "gin_trgm_ops"},
)

sa.Index("ix_person_card_name", sa.func.lower(person_card.c.name))
sa.Index("ix_person_card_phones", person_card.c.phones, postgresql_using="gin", postgresql_with={"fastupdate": "off"})

company_card = sa.Table(
    "company_card",
    metadata,
    id_column(),
    sa.Column("name", sa.Text, nullable=False),
    uuid("owner_id"),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
sa.Index("ix_company_card_name", sa.func.lower(company_card.c.name))
