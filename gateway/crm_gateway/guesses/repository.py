"""Statements on counted guesses."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import ARRAY, insert

from crm_gateway.guesses.models import password_guess

MOST_ROWS = 100_000

_KEYS = sa.bindparam("keys", type_=ARRAY(sa.LargeBinary))
_wanted = sa.select(sa.func.unnest(_KEYS).label("key")).subquery()
_fresh = insert(password_guess).from_select(
    ["key", "count", "last_at"],
    sa.select(_wanted.c.key, sa.literal(0), sa.bindparam("now", type_=sa.DateTime(timezone=True))).order_by(
        _wanted.c.key  # always in this order, so that two sign-ins never wait for each other
    ),
)
_LOCK = _fresh.on_conflict_do_update(
    index_elements=[password_guess.c.key], set_={"count": password_guess.c.count}
).returning(password_guess.c.key, password_guess.c.count.label("guesses"), password_guess.c.last_at)
_COUNT = (
    sa.update(password_guess)
    .where(password_guess.c.key == sa.func.any(_KEYS))
    .values(
        count=sa.case(
            (password_guess.c.last_at < sa.bindparam("forget_before"), 1),
            else_=password_guess.c.count + 1,
        ),
        last_at=sa.bindparam("now"),
    )
)
_TAKE_BACK = (
    sa.update(password_guess)
    .where(password_guess.c.key == sa.func.any(_KEYS))
    .values(count=sa.func.greatest(password_guess.c.count - 1, 0))
)
_FORGET = sa.delete(password_guess).where(password_guess.c.key == sa.bindparam("forgotten"))
_SWEEP = sa.delete(password_guess).where(password_guess.c.last_at < sa.bindparam("before"))
_CUT = sa.delete(password_guess).where(
    password_guess.c.key.in_(
        sa.select(password_guess.c.key)
        .order_by(password_guess.c.last_at.desc())
        .offset(sa.bindparam("most"))
        .scalar_subquery()
    )
)


async def lock(tx: Transaction, keys: list[bytes], now: datetime) -> list[sa.Row[*tuple[Any, ...]]]:
    """Key, guesses and time of the last guess of each; nobody else counts them until the transaction ends."""
    return list((await tx.execute(_LOCK, {"keys": keys, "now": now})).all())


async def count(tx: Transaction, keys: list[bytes], now: datetime, forget_before: datetime) -> None:
    """One more guess of each; counts older than `forget_before` begin anew."""
    await tx.execute(_COUNT, {"keys": keys, "now": now, "forget_before": forget_before})


async def take_back(tx: Transaction, keys: list[bytes]) -> None:
    """One guess less of each."""
    await tx.execute(_TAKE_BACK, {"keys": keys})


async def forget(tx: Transaction, key: bytes) -> None:
    """No guess was ever made."""
    await tx.execute(_FORGET, {"forgotten": key})


async def sweep(tx: Transaction, before: datetime, most: int = MOST_ROWS) -> None:
    """What was counted before is gone, and of the rest the oldest beyond `most` rows."""
    await tx.execute(_SWEEP, {"before": before})
    await tx.execute(_CUT, {"most": most})
