"""The timeline made anew from the archive, beside the one in use, and swapped in when it has caught up.

From its beginning every change goes to both (places.py); the archive tells all that happened before, a portion at a
time, and the next portion is asked for when one is taken in. The end comes when nothing in use is missing from or
newer than what was built.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.metrics import counter, gauge
from crm_chassis.replay import first_time
from crm_chassis.schedule import Due, schedule, unschedule
from crm_contracts.archive import REPLAY, TIMELINE_REPLAY, Replay, ReplayedTo
from crm_contracts.envelope import Envelope

from crm_contacts import locks
from crm_contacts.timeline import twins
from crm_contacts.timeline.places import BUILDING
from crm_contacts.timeline.service import keep_in
from crm_contacts.timeline.twins import Rebuild

FINISH = "timeline.rebuilt"
_KEY = "timeline"

PATIENCE = timedelta(hours=2)
"""Until then the archive may still get what it lacks, by its ladder or the hourly comparison; then it has the last
word, and what it does not know is gone from the timeline."""
_AGAIN_AFTER = timedelta(seconds=2)

POSITION = gauge("contacts_timeline_rebuild_position", "Position of the archive taken in by the rebuild under way")
REBUILT = counter("contacts_timeline_rebuilt", "Timelines made anew and swapped in")

log = structlog.get_logger()


async def begin(tx: Transaction, order: Envelope) -> None:
    """The timeline is being made anew; one under way begins again. The same order twice is one."""
    if not await first_time(tx, order):
        return
    await locks.merge_alone(tx)
    await _start(tx, Rebuild(order.id, 0, now()))


async def take(tx: Transaction, events: Sequence[Envelope]) -> None:
    """The timeline being made holds what these archived events tell; a mark asks for more, or for the end.

    What is left of a rebuild that is no more is dropped.
    """
    await locks.no_merge_meanwhile(tx)
    rebuild = await twins.under_way(tx)
    if rebuild is None:
        return
    marks = [ReplayedTo.model_validate(event.data) for event in events if event.type == TIMELINE_REPLAY]
    await keep_in(tx, (BUILDING,), [event for event in events if event.type != TIMELINE_REPLAY])
    ours = [mark for mark in marks if mark.run == rebuild.run and mark.position >= rebuild.position]
    if not ours:
        return
    last = max(ours, key=lambda mark: mark.position)
    await twins.reached(tx, last.position)
    POSITION.set(last.position)
    if not last.end:
        _ask(tx, rebuild, after=last.position)
        return
    wait = _AGAIN_AFTER if last.position == rebuild.position else timedelta(0)
    await schedule(tx, FINISH, _KEY, now() + wait, {"run": str(rebuild.run)})


async def finish(tx: Transaction, due: Due) -> None:
    """What was built is the timeline, if it has everything; else the archive is asked for what came since."""
    rebuild = await twins.under_way(tx)
    if rebuild is None or str(rebuild.run) != due.payload["run"]:
        return
    behind = await twins.behind(tx)
    if behind and now() - rebuild.began_at < PATIENCE:
        _ask(tx, rebuild, after=rebuild.position)
        return
    await twins.analyse(tx)
    await locks.merge_alone(tx)
    still = await twins.under_way(tx)
    if still is None or still.run != rebuild.run:
        return
    if not await twins.alike(tx):
        log.warning("the timeline's tables were changed meanwhile: its rebuild begins again")
        await _start(tx, rebuild)
        return
    await twins.swap(tx)
    log.info("timeline rebuilt", position=rebuild.position, unknown_to_the_archive=behind)
    tx.after_commit(REBUILT.inc)


async def _start(tx: Transaction, rebuild: Rebuild) -> None:
    await twins.make(tx, rebuild.run)
    await unschedule(tx, FINISH, _KEY)
    _ask(tx, rebuild, after=0)


def _ask(tx: Transaction, rebuild: Rebuild, *, after: int) -> None:
    tx.command(REPLAY, Replay(run=rebuild.run, to_queue=TIMELINE_REPLAY, after=after))
