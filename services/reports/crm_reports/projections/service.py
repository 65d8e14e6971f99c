"""Use cases of the projections: take in the next events, and make a new generation beside the old.

Incremental work and a rebuild are the same `advance`; only the watermark they start from differs.
"""

from crm_chassis.database import Database, Transaction

from crm_reports.archive import repository as archive
from crm_reports.projections import repository
from crm_reports.projections.rules import Archived, project

BATCH = 500
PURGE = 5_000


async def advance(tx: Transaction, generation: int, limit: int = BATCH) -> int:
    """The generation has taken in up to `limit` further events of the archive; answers how many.

    0 also when another process is at it. A generation being built that has reached the live one replaces it. What
    code of another version took in is read again: it did not know all that these rules know.
    """
    mine = await repository.claim(tx, generation)
    if mine is None:
        return 0
    rows = await archive.after(tx, mine.completed, limit)
    if rows:
        events = [
            Archived(row.id, row.type, row.time, row.recordedtime, row.archived_at, row.sequence, row.data)
            for row in rows
        ]
        await repository.add(tx, generation, [row for event in events for row in project(event)])
        await repository.move(tx, generation, rows[-1].position, rows[-1].archived_at)
    if mine.is_building:
        live = await repository.lock_live(tx)
        reached = rows[-1].position if rows else mine.completed
        if reached >= live.position:
            await repository.swap(tx, old=live.generation, new=generation)
    return len(rows)


async def catch_up(database: Database) -> int:
    """One batch for each generation under way, one transaction each; answers how many events were taken in."""
    async with database.read() as connection:
        generations = await repository.current(connection)
        position, _ = await archive.head_and_conflicts(connection)
    moved = 0
    for generation in generations:
        if generation.completed == position and not generation.is_building:
            continue
        async with database.transaction() as tx:
            moved += await advance(tx, generation.generation)
    return moved


async def purge_retired(database: Database) -> int:
    """One portion of what retired generations left behind is gone; answers how many rows."""
    async with database.read() as connection:
        retired = await repository.retired(connection)
    gone = 0
    for generation in retired:
        async with database.transaction() as tx:
            gone += await repository.purge(tx, generation, PURGE)
    return gone


async def begin_rebuild(tx: Transaction) -> int:
    """A new generation is being built; whoever runs the projector finishes it. Answers its number."""
    return await repository.begin(tx)
