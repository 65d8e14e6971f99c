"""Where the timeline is written: the tables in use and, while it is made anew, the twins beside them.

Whoever writes holds the merge gate (locks.py) first: a rebuild begins and ends alone behind it, so the answer of
`written` holds until the transaction ends and no write misses either side.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import ARRAY, insert

from crm_contacts.capture.models import call_link
from crm_contacts.timeline.models import BUILDING_SCHEMA, timeline_deal, timeline_item, timeline_rebuild

_STATE = ("person_id", "company_id", "deal_id", "owner_id", "correlation_id", "data", "pii")
_IDS = ARRAY(sa.Uuid)
_UNDER_WAY = sa.select(timeline_rebuild.c.run)


@dataclass(frozen=True, slots=True)
class Place:
    """The two tables of a timeline and the statements that write them."""

    items: sa.Table
    deals: sa.Table
    put_items: Any
    put_deals: Any
    settle_calls: Any
    settle_deals: Any
    give_call: Any
    drop_items: Any
    drop_deals: Any
    drop_attached: Any

    @classmethod
    def of(cls, items: sa.Table, deals: sa.Table) -> "Place":
        """The statements on these tables."""
        return cls(
            items=items,
            deals=deals,
            put_items=_put_items(items),
            put_deals=_put_deals(deals),
            settle_calls=_settle_calls(items),
            settle_deals=_settle_deals(items, deals),
            give_call=sa.update(items)
            .where(items.c.id == sa.bindparam("p_call"))
            .values(person_id=sa.bindparam("p_person", type_=sa.Uuid)),
            drop_items=sa.delete(items).where(items.c.deal_id == sa.any_(sa.bindparam("deal_ids", type_=_IDS))),
            drop_attached=sa.delete(items).where(items.c.id == sa.any_(sa.bindparam("ids", type_=_IDS))),
            drop_deals=sa.delete(deals).where(deals.c.deal_id == sa.any_(sa.bindparam("deal_ids", type_=_IDS))),
        )

    async def move_person(self, tx: Transaction, loser_id: UUID, winner_id: UUID) -> None:
        """What was the loser's is the winner's."""
        for table in (self.items, self.deals):
            await tx.execute(sa.update(table).where(table.c.person_id == loser_id).values(person_id=winner_id))


def _put_items(items: sa.Table) -> Any:
    """The newest state wins, the earliest moment stays; what is neither newer nor earlier writes nothing."""
    statement = insert(items)
    told = statement.excluded
    newer = told.sequence > items.c.sequence
    state = {name: sa.case((newer, told[name]), else_=items.c[name]) for name in _STATE}
    return statement.on_conflict_do_update(
        index_elements=[items.c.id],
        set_=state
        | {
            "sequence": sa.func.greatest(items.c.sequence, told.sequence),
            "happened_at": sa.func.least(items.c.happened_at, told.happened_at),
        },
        where=sa.or_(newer, told.happened_at < items.c.happened_at),
    )


def _put_deals(deals: sa.Table) -> Any:
    statement = insert(deals)
    told = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[deals.c.deal_id],
        set_={name: told[name] for name in ("person_id", "company_id", "owner_id", "sequence")},
        where=told.sequence > deals.c.sequence,
    )


def _settle_calls(items: sa.Table) -> Any:
    return (
        sa.update(items)
        .where(
            items.c.id == call_link.c.call_id,
            items.c.id == sa.any_(sa.bindparam("call_ids", type_=_IDS)),
            items.c.person_id.is_distinct_from(call_link.c.person_id),
            # A call of an old system says itself whose it is; the link is but the lock both readers take.
            items.c.data["origin"].astext != "past",
        )
        .values(person_id=call_link.c.person_id)
    )


def _settle_deals(items: sa.Table, deals: sa.Table) -> Any:
    followed = ("person_id", "company_id", "owner_id")
    return (
        sa.update(items)
        .where(
            items.c.deal_id == deals.c.deal_id,
            deals.c.deal_id == sa.any_(sa.bindparam("deal_ids", type_=_IDS)),
            sa.or_(*(items.c[name].is_distinct_from(deals.c[name]) for name in followed)),
        )
        .values({name: deals.c[name] for name in followed})
    )


_twins = sa.MetaData()
IN_USE: Final = Place.of(timeline_item, timeline_deal)
BUILDING: Final = Place.of(
    timeline_item.to_metadata(_twins, schema=BUILDING_SCHEMA), timeline_deal.to_metadata(_twins, schema=BUILDING_SCHEMA)
)


async def written(tx: Transaction) -> tuple[Place, ...]:
    """The places every change goes to now. The merge gate is held by this transaction."""
    under_way = await tx.scalar(_UNDER_WAY)
    return (IN_USE,) if under_way is None else (IN_USE, BUILDING)
