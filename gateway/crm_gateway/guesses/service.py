"""Counting wrong passwords across processes and restarts."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from crm_chassis.clock import now
from crm_chassis.database import Database, Transaction

from crm_gateway.guesses import repository
from crm_gateway.guesses.rules import FORGET_AFTER, Count, Counter, wait_s

SWEEP_S = 60.0


async def begin(tx: Transaction, counters: Sequence[Counter], at: datetime) -> int:
    """0, and the guess counts as a wrong one until `succeeded` is told otherwise; or seconds to wait, nothing counted.

    It is counted before the password is looked at, so that guesses sent at once do not all pass before the first has
    failed.
    """
    keys = [counter.key for counter in counters]
    counted = {bytes(row.key): Count(row.guesses, row.last_at) for row in await repository.lock(tx, keys, at)}
    wait = max(wait_s(counted[counter.key], counter.patience, at) for counter in counters)
    if not wait:
        await repository.count(tx, keys, at, at - FORGET_AFTER)
    return wait


async def succeeded(tx: Transaction, counters: Sequence[Counter], at: datetime) -> None:
    """The guess was right: the first counter, its own, is forgotten; the others keep what others guessed wrong."""
    own, *common = [counter.key for counter in counters]
    await repository.lock(tx, [own, *common], at)
    await repository.forget(tx, own)
    await repository.take_back(tx, common)


async def keep_swept(database: Database) -> None:
    """Each minute what is old enough to be forgotten is gone; runs until cancelled."""
    while True:
        async with database.transaction() as tx:
            await repository.sweep(tx, now() - FORGET_AFTER)
        await asyncio.sleep(SWEEP_S)
