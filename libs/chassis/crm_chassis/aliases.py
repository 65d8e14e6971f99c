"""Merged ids: every id ever used keeps leading to the card that lives on. Flattened, so one look-up resolves."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_chassis.database import Transaction
from crm_chassis.tables import alias

_LIVES = sa.select(alias.c.loser, alias.c.winner).where(
    alias.c.noun == sa.bindparam("noun"), alias.c.loser.in_(sa.bindparam("ids", expanding=True))
)


async def add_alias(tx: Transaction, noun: str, loser: UUID, winner: UUID) -> None:
    """`loser`, and all that led to it, lead to where `winner` leads. Safe to repeat."""
    final = await resolve(tx.connection, noun, winner)
    if final == loser:
        raise ValueError(f"{noun} {winner} already leads to {loser}: a circle")
    await tx.execute(sa.update(alias).where(alias.c.noun == noun, alias.c.winner == loser).values(winner=final))
    row = insert(alias).values(noun=noun, loser=loser, winner=final)
    await tx.execute(row.on_conflict_do_update(index_elements=["noun", "loser"], set_={"winner": final}))


async def resolve(connection: AsyncConnection, noun: str, id: UUID) -> UUID:
    """The id that lives on; `id` itself when it was never merged."""
    return (await resolve_many(connection, noun, [id]))[id]


async def resolve_many(connection: AsyncConnection, noun: str, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Each id with the one that lives on, in one statement."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = await connection.execute(_LIVES, {"noun": noun, "ids": list(wanted)})
    return {id: id for id in wanted} | {row.loser: row.winner for row in rows}
