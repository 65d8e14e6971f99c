"""What a search text asks of deals and their people, as conditions on the columns that have trigrams."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.tables import alias

from crm_deals.cards.models import person_card
from crm_deals.deals.models import deal

Pattern = str | sa.BindParameter[str]


def titled(patterns: Sequence[Pattern]) -> sa.ColumnElement[bool]:
    """Condition on deals: the title has all the words."""
    return sa.and_(*(sa.func.lower(deal.c.title).like(pattern, escape="\\") for pattern in patterns))


def named(caller: Principal, patterns: Sequence[Pattern]) -> sa.ColumnElement[bool]:
    """Condition on people: the name has all the words, and the caller may see it."""
    words = (sa.func.lower(person_card.c.name).like(pattern, escape="\\") for pattern in patterns)
    return sa.and_(visible(caller, "person", "read", person_card.c.owner_id), *words)


def ids_of_named(caller: Principal, patterns: Sequence[Pattern]) -> sa.CompoundSelect[Any]:
    """Every id that people of such a name ever had."""
    merged = sa.and_(alias.c.noun == "person", alias.c.winner == person_card.c.id)
    return sa.union_all(
        sa.select(person_card.c.id).where(named(caller, patterns)),
        sa.select(alias.c.loser).join(person_card, merged).where(named(caller, patterns)),
    )
