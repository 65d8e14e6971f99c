"""Statements of the copy of cards."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.tables import alias
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_deals.cards.models import company_card, person_card

_TABLES = {"person": person_card, "company": company_card}


def _newest_wins(table: sa.Table) -> Insert:
    row = insert(table)
    return row.on_conflict_do_update(
        index_elements=["id"],
        set_={name: row.excluded[name] for name in ("name", "phones", "owner_id", "sequence") if name in table.c},
        where=table.c.sequence < row.excluded.sequence,
    )


_KEEP = {noun: _newest_wins(table) for noun, table in _TABLES.items()}
_FORGET = {
    noun: sa.delete(table).where(table.c.id.in_(sa.bindparam("ids", expanding=True))) for noun, table in _TABLES.items()
}
_NOUN = alias.c.noun == sa.bindparam("noun")
_WINNER = sa.select(alias.c.winner).where(_NOUN, alias.c.loser == sa.bindparam("id")).scalar_subquery()
_LIVES = sa.func.coalesce(_WINNER, sa.bindparam("id", type_=alias.c.winner.type))
_ALL_IDS = sa.union_all(sa.select(_LIVES.label("id")), sa.select(alias.c.loser).where(_NOUN, alias.c.winner == _LIVES))


async def keep(tx: Transaction, noun: str, cards: Sequence[dict[str, Any]]) -> None:
    """Each card stands as its newest sequence tells; older ones change nothing."""
    if not cards:
        return
    await tx.execute(_KEEP[noun], sorted(cards, key=lambda card: str(card["id"])))


async def forget(tx: Transaction, noun: str, ids: Collection[UUID]) -> None:
    """The copy holds no card of these ids: they were merged into others or removed."""
    if ids:
        await tx.execute(_FORGET[noun], {"ids": list(ids)})


@per_rights
def _known(caller: Principal, noun: str) -> sa.Select[Any, bool]:
    table = _TABLES[noun]
    seen = sa.exists().where(table.c.id == _LIVES, visible(caller, noun, "read", table.c.owner_id))
    return sa.select(_LIVES.label("id"), seen.label("seen"))


async def known(connection: AsyncConnection, caller: Principal, noun: str, id: UUID) -> tuple[UUID, bool]:
    """The id under which the card lives on, and whether the copy has the card and the caller may read it."""
    statement, rights = _known(caller, noun)
    row = (await connection.execute(statement, rights | {"noun": noun, "id": id})).one()
    return row.id, row.seen


async def person_name(connection: AsyncConnection, id: UUID) -> str | None:
    """The person's name as the copy has it."""
    name: str | None = await connection.scalar(sa.select(person_card.c.name).where(person_card.c.id == id))
    return name


async def all_ids(connection: AsyncConnection, noun: str, id: UUID) -> list[UUID]:
    """Every id the card behind `id` has ever had, the one that lives on first."""
    rows = await connection.execute(_ALL_IDS, {"noun": noun, "id": id})
    return [row.id for row in rows]
