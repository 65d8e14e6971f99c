"""Statements of capture: call links, the search for a call's card, the rota."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.tables import staff_member
from crm_contracts.contacts import OwnerSource
from sqlalchemy.dialects.postgresql import insert

from crm_contacts.capture.models import call_link
from crm_contacts.capture.rules import Choice, Turn
from crm_contacts.identities.models import identity
from crm_contacts.identities.repository import PERSON, cards_with
from crm_contacts.identities.rules import Entry
from crm_contacts.people.models import person
from crm_contacts.people.repository import LIVING
from crm_contacts.timeline import places

_MAKE = insert(call_link).on_conflict_do_nothing()
_LOCK = (
    sa.select(call_link)
    .where(call_link.c.call_id.in_(sa.bindparam("call_ids", expanding=True)))
    .order_by(call_link.c.call_id)
    .with_for_update()
)
_TURNS = sa.select(
    staff_member.c.id,
    sa.select(sa.func.max(call_link.c.linked_at))
    .where(call_link.c.chosen_by == "rota", call_link.c.chosen_id == staff_member.c.id)
    .scalar_subquery()
    .label("last_given_at"),
).where(staff_member.c.team_id == sa.bindparam("team_id"), staff_member.c.active)


@dataclass(frozen=True, slots=True)
class Link:
    """The link of a call: whose card, and who has it. All None and `version` 0 until the call is linked."""

    call_id: UUID
    person_id: UUID | None
    created: bool
    owner_id: UUID | None
    owner_source: OwnerSource | None
    version: int


async def lock_links(tx: Transaction, call_ids: Sequence[UUID]) -> None:
    """Each call has a link row, locked by this transaction; `call_ids` come sorted."""
    if not call_ids:
        return
    await tx.execute(_MAKE, [{"call_id": call_id} for call_id in call_ids])
    await tx.execute(_LOCK, {"call_ids": list(call_ids)})


async def lock_link(tx: Transaction, call_id: UUID) -> Link:
    """The link of the call, made if need be, locked by this transaction."""
    await tx.execute(_MAKE, {"call_id": call_id})
    row = (await tx.execute(_LOCK, {"call_ids": [call_id]})).one()
    return Link(row.call_id, row.person_id, row.created, row.owner_id, row.owner_source, row.version)


async def relink(tx: Transaction, link: Link) -> None:
    """The stored link is as given."""
    await tx.execute(sa.update(call_link).where(call_link.c.call_id == link.call_id).values(asdict(link)))


async def link_first(tx: Transaction, link: Link, choice: Choice) -> None:
    """The call is linked, its item on the timeline too if it is there already.

    `linked_at` is the database's clock: under the rota's lock it never goes back, so turns keep their order.
    """
    chosen = {"chosen_id": choice.owner_id, "chosen_by": choice.chosen_by, "linked_at": sa.func.clock_timestamp()}
    await tx.execute(sa.update(call_link).where(call_link.c.call_id == link.call_id).values(asdict(link) | chosen))
    for place in await places.written(tx):
        await tx.execute(place.give_call, {"p_call": link.call_id, "p_person": link.person_id})


async def matches(tx: Transaction, entry: Entry, limit: int) -> list[UUID]:
    """Living cards with this phone, oldest first; a text that is no valid number matches itself only."""
    same = (
        identity.c.value == entry.value
        if entry.value
        else sa.and_(identity.c.value.is_(None), identity.c.raw == entry.raw)
    )
    statement = (
        sa.select(person.c.id)
        .where(
            LIVING,
            person.c.id.in_(cards_with(PERSON, entry.kind, same)),
        )
        .order_by(person.c.created_at, person.c.id)
        .limit(limit)
    )
    return list((await tx.execute(statement)).scalars())


async def have_left(tx: Transaction, users: Collection[UUID | None]) -> set[UUID]:
    """Those of the users who are known to have left."""
    if not users:
        return set()
    statement = sa.select(staff_member.c.id).where(staff_member.c.id.in_(users), ~staff_member.c.active)
    return set((await tx.execute(statement)).scalars())


async def turns(tx: Transaction, team_id: UUID) -> list[Turn]:
    """The active members of the team with their last turns."""
    rows = await tx.execute(_TURNS, {"team_id": team_id})
    return [Turn(row.id, row.last_given_at) for row in rows]
