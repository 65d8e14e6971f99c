"""People, companies, their identities, call links and the timeline."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UUID = postgresql.UUID(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)
LIVING = sa.text("merged_at IS NULL")


def upgrade() -> None:
    """The first schema of contacts."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    # unaccent() is only STABLE because its dictionary could be changed; ours is named and never is, so the
    # result may be indexed. Both names are qualified by a fixed search_path: a restore runs with an empty one.
    op.execute(
        """
        CREATE FUNCTION searchable(name text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = public, pg_temp
        AS $$ SELECT lower(unaccent('unaccent'::regdictionary, name)) $$
        """
    )
    op.create_table(
        "company",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        _name_key(),
        sa.Column("owner_id", UUID),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    )
    op.create_index("ix_company_by_name", "company", ["name_key", "id"])
    op.create_index("ix_company_by_age", "company", ["created_at", "id"])
    op.create_index("ix_company_by_owner", "company", ["owner_id", "created_at", "id"])
    _trigrams("company")

    op.create_table(
        "person",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        _name_key(),
        sa.Column("company_id", UUID, sa.ForeignKey("company.id", name="fk_person_company_id")),
        sa.Column("owner_id", UUID),
        sa.Column("owner_source", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("locale", sa.Text),
        sa.Column("origin_call_id", UUID),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("merged_at", MOMENT),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.CheckConstraint("owner_source IN ('rule', 'answer', 'human')", name="ck_person_owner_source"),
    )
    op.create_index("ix_person_by_name", "person", ["name_key", "id"], postgresql_where=LIVING)
    op.create_index("ix_person_by_age", "person", ["created_at", "id"], postgresql_where=LIVING)
    op.create_index("ix_person_by_owner", "person", ["owner_id", "created_at", "id"], postgresql_where=LIVING)
    op.create_index("ix_person_by_company", "person", ["company_id", "name_key", "id"], postgresql_where=LIVING)
    op.create_index("ix_person_by_source", "person", ["source", "created_at", "id"], postgresql_where=LIVING)
    _trigrams("person")

    op.create_table(
        "identity",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("person_id", UUID, sa.ForeignKey("person.id", name="fk_identity_person_id")),
        sa.Column("company_id", UUID, sa.ForeignKey("company.id", name="fk_identity_company_id")),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text(collation="C")),
        sa.Column("raw", sa.Text(collation="C"), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.CheckConstraint("num_nonnulls(person_id, company_id) = 1", name="ck_identity_one_card"),
        sa.CheckConstraint("kind IN ('phone', 'email')", name="ck_identity_kind"),
    )
    op.create_index("ix_identity_person", "identity", ["person_id"])
    op.create_index("ix_identity_company", "identity", ["company_id"])
    op.create_index("ix_identity_value", "identity", ["kind", "value"])
    op.create_index("ix_identity_raw", "identity", ["kind", "raw"], postgresql_where=sa.text("value IS NULL"))
    op.create_index(
        "ix_identity_phone_tail",
        "identity",
        [sa.text("reverse(value)")],
        postgresql_where=sa.text("kind = 'phone'"),
    )

    # Without it the planner takes any tail to fit 1 number in 200 and reads all people for it.
    op.execute("CREATE STATISTICS identity_tail ON reverse(value) FROM identity")

    op.create_table(
        "call_link",
        sa.Column("call_id", UUID, primary_key=True),
        sa.Column("person_id", UUID, sa.ForeignKey("person.id", name="fk_call_link_person_id")),
        sa.Column("created", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("owner_id", UUID),
        sa.Column("owner_source", sa.Text),
        sa.Column("chosen_id", UUID),
        sa.Column("chosen_by", sa.Text),
        sa.Column("linked_at", MOMENT),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
        sa.CheckConstraint("chosen_by IN ('card', 'ringing', 'rota', 'fallback')", name="ck_call_link_chosen_by"),
        sa.CheckConstraint("owner_source IN ('rule', 'answer', 'human')", name="ck_call_link_owner_source"),
    )
    op.create_index("ix_call_link_person", "call_link", ["person_id"])
    op.create_index(
        "ix_call_link_rota",
        "call_link",
        ["chosen_id", "linked_at"],
        postgresql_where=sa.text("chosen_by = 'rota'"),
    )

    op.create_table(
        "timeline_item",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("person_id", UUID),
        sa.Column("company_id", UUID),
        sa.Column("deal_id", UUID),
        sa.Column("owner_id", UUID),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("correlation_id", UUID, nullable=False),
        sa.Column("data", postgresql.JSONB, nullable=False),
        sa.Column("pii", postgresql.JSONB),
        sa.CheckConstraint(
            "kind IN ('call', 'task', 'message', 'deal_created', 'deal_stage_changed')",
            name="ck_timeline_item_kind",
        ),
    )
    op.create_index("ix_timeline_item_person", "timeline_item", ["person_id", "happened_at", "id"])
    op.create_index("ix_timeline_item_company", "timeline_item", ["company_id", "happened_at", "id"])
    op.create_index("ix_timeline_item_deal", "timeline_item", ["deal_id"])

    op.create_table(
        "timeline_deal",
        sa.Column("deal_id", UUID, primary_key=True),
        sa.Column("person_id", UUID),
        sa.Column("company_id", UUID),
        sa.Column("owner_id", UUID, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_timeline_deal_person", "timeline_deal", ["person_id"])


def downgrade() -> None:
    """Nothing of contacts is left; the extensions stay, others may use them."""
    for table in ("timeline_deal", "timeline_item", "call_link", "identity", "person", "company"):
        op.drop_table(table)
    op.execute("DROP FUNCTION searchable(text)")


def _name_key() -> sa.Column[str]:
    return sa.Column(
        "name_key", sa.Text(collation="C"), sa.Computed("searchable(name)", persisted=True), nullable=False
    )


def _trigrams(table: str) -> None:
    op.create_index(
        f"ix_{table}_name_trigrams",
        table,
        ["name_key"],
        postgresql_using="gin",
        postgresql_ops={"name_key": "gin_trgm_ops"},
    )
