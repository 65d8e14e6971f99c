"""Subjects that are no more: remembered, so that an older event that comes later does not bring them back."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from crm_contracts.envelope import Envelope
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_chassis.database import Transaction
from crm_chassis.tables import removed

# Two processes of a service share a queue: while one ends a subject no other may be about to store it.
_LOCK = 7_310_006
_ENDING = sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})")
_STORING = sa.text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")
_REMEMBER = insert(removed).on_conflict_do_nothing()
_GONE = sa.select(removed.c.id).where(
    removed.c.noun == sa.bindparam("noun"), removed.c.id.in_(sa.bindparam("ids", expanding=True))
)


async def remember_removed(tx: Transaction, noun: str, ids: Iterable[UUID]) -> None:
    """These subjects are no more, for this service's copies. Safe to repeat."""
    rows = [{"noun": noun, "id": id} for id in sorted(set(ids))]
    if rows:
        await tx.execute(_REMEMBER, rows)


async def gone(connection: AsyncConnection, noun: str, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids whose subjects are no more."""
    wanted = set(ids)
    if not wanted:
        return set()
    return set((await connection.execute(_GONE, {"noun": noun, "ids": list(wanted)})).scalars())


async def stands(tx: Transaction, noun: str, id: UUID) -> bool:
    """False for a subject that is no more; True: nobody ends it here until this transaction ends."""
    await tx.execute(_STORING)
    return not await gone(tx.connection, noun, [id])


async def end_alone(tx: Transaction) -> None:
    """Nobody else ends or stores subjects until this transaction ends.

    For who takes removals of several nouns: asked for after sharing, two of them would wait for each other for ever.
    """
    await tx.execute(_ENDING)


async def take_removals(
    tx: Transaction, noun: str, removal: str, events: Sequence[Envelope]
) -> tuple[set[UUID], list[Envelope]]:
    """Ids this batch's events of type `removal` end, now remembered, and the events on subjects that live on.

    `events` are those of one noun only. For batch readers of copies: drop the rows of the ids, apply the rest.
    """
    if not events:
        return set(), []
    ended = {event.subject_id for event in events if event.type == removal}
    await tx.execute(_ENDING if ended else _STORING)
    await remember_removed(tx, noun, ended)
    rest = [event for event in events if event.subject_id not in ended]
    dead = await gone(tx.connection, noun, (event.subject_id for event in rest))
    return ended, [event for event in rest if event.subject_id not in dead]
