"""Locks that keep history whole, and the one order in which every transaction takes them.

1. the merge gate (shared by all who tie calls and items to people, alone for a merge)
2. what is removed (crm_chassis.removals)
3. identities, sorted
4. call links, by call id; the timeline's deals together, alone or shared
5. people and companies, by id; the timeline's deals, by id
6. the rota of a team; items of the timeline, by id

All are held until the transaction ends. Names are hashed to 64 bits: a collision only means waiting in vain.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction

_GATE = "contacts:merge"
_SHARED = sa.text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))")
_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_MANY = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended(key, 0))"
    " FROM unnest(CAST(:keys AS text[])) WITH ORDINALITY AS wanted(key, n) ORDER BY n"
)


async def no_merge_meanwhile(tx: Transaction) -> None:
    """No two cards become one while this transaction ties something to a card."""
    await tx.execute(_SHARED, {"name": _GATE})


async def merge_alone(tx: Transaction) -> None:
    """Whatever was being tied to cards is committed, and nothing new is tied until this merge is."""
    await tx.execute(_ALONE, {"name": _GATE})


async def identities(tx: Transaction, keys: Sequence[str]) -> None:
    """Nobody else looks for, or makes, a card by these identities; `keys` come sorted (rules.lock_keys)."""
    if keys:
        await tx.execute(_MANY, {"keys": list(keys)})


async def deals(tx: Transaction, *, alone: bool) -> None:
    """Who writes the timeline's deals shares this; who must see the newest state of one, written or not, is alone."""
    await tx.execute(_ALONE if alone else _SHARED, {"name": "contacts:deals"})


async def rota(tx: Transaction, team_id: UUID) -> None:
    """Nobody else deals a card to this team."""
    await tx.execute(_ALONE, {"name": f"contacts:rota:{team_id}"})
