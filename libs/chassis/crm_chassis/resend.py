"""The comparison of what was sent with what is archived: what the bus lost is sent to the archive again.

Every hour a service that keeps sent events names those of the time since the last comparison, a portion at a time;
the archive's owner answers each portion with the ids it lacks. Only an answer moves the mark, and only over portions
the archive has whole, so that a lost question, answer or resent event is asked about again.
"""

import asyncio
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from crm_contracts.archive import ARCHIVE_QUEUE, COMPARE, MAX_COMPARED, CompareArchive, Resend
from crm_contracts.envelope import Envelope
from sqlalchemy.dialects.postgresql import ARRAY

from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, Transaction
from crm_chassis.housekeeping import SENT_DAYS
from crm_chassis.metrics import counter
from crm_chassis.tables import archive_check, outbox, outbox_sent

COMPARED = counter("archive_compared", "Sent events the archive was asked about")
MISSING = counter("archive_missing", "Sent events the archive did not have")
RESENT = counter("archive_resent", "Events sent to the archive again")

CLOSED_AFTER = timedelta(minutes=15)
"""No transaction that recorded an event takes as long, so a window older than this gets no more rows."""

PORTION = MAX_COMPARED

_EVERY = timedelta(hours=1)
_LOOK_EVERY_S = 60.0
_TICK = timedelta(microseconds=1)
_MOMENT = sa.DateTime(timezone=True)

_FROM, _UNTIL = sa.bindparam("p_from", type_=_MOMENT), sa.bindparam("p_until", type_=_MOMENT)
# One process asks each hour, whichever comes first.
_TURN = (
    sa.update(archive_check)
    .where(archive_check.c.asked_at <= sa.func.clock_timestamp() - _EVERY)
    .values(asked_at=sa.func.clock_timestamp())
    .returning(archive_check.c.compared_until)
)
_NEWS = outbox.c.queue.is_(None)
_OLDEST_UNSENT = sa.select(sa.func.min(outbox.c.recorded_at)).where(_NEWS)
_SENT = (
    sa.select(outbox_sent.c.event_id, outbox_sent.c.recorded_at)
    .where(outbox_sent.c.queue.is_(None), outbox_sent.c.recorded_at >= _FROM, outbox_sent.c.recorded_at < _UNTIL)
    .order_by(outbox_sent.c.recorded_at)
    .limit(sa.bindparam("p_limit"))
)
_MOVE_MARK = (
    sa.update(archive_check)
    .where(archive_check.c.compared_until >= _FROM, archive_check.c.compared_until < _UNTIL)
    .values(compared_until=_UNTIL)
)
_WANTED = sa.bindparam("ids", type_=ARRAY(sa.Uuid))
_WAITING = (
    sa.select(sa.literal(1))
    .where(outbox.c.event_id == outbox_sent.c.event_id, outbox.c.queue == ARCHIVE_QUEUE)
    .correlate(outbox_sent)
)
_SEND_AGAIN = sa.insert(outbox).from_select(
    ["event_id", "type", "queue", "bulk", "body", "recorded_at"],
    sa.select(
        outbox_sent.c.event_id,
        outbox_sent.c.type,
        sa.literal(ARCHIVE_QUEUE),
        sa.true(),
        outbox_sent.c.body,
        outbox_sent.c.recorded_at,
    ).where(
        outbox_sent.c.queue.is_(None),
        outbox_sent.c.recorded_at >= _FROM,
        outbox_sent.c.recorded_at <= _UNTIL,
        outbox_sent.c.event_id == sa.any_(_WANTED),
        ~_WAITING.exists(),
    ),
)

log = structlog.get_logger()


async def keep_compared(database: Database) -> None:
    """Ask each hour, as long as the service runs."""
    while True:
        await compare_if_due(database)
        await asyncio.sleep(_LOOK_EVERY_S)


async def compare_if_due(database: Database) -> bool:
    """True when an hour has passed since anybody asked: the comparison goes on from the mark."""
    with telling(Story.of_system(database.service)):
        async with database.transaction() as tx:
            mark = await tx.scalar(_TURN)
            if mark is None:
                return False
            await _ask(tx, mark, now() - CLOSED_AFTER)
    return True


async def answered(tx: Transaction, event: Envelope) -> None:
    """What the archive lacks of the portion is on its way there and nowhere else; the next portion is asked about."""
    answer = Resend.model_validate(event.data)
    if answer.ids:
        await _send_again(tx, answer)
    else:
        await _compared(tx, answer.window_from, answer.window_to)
    # One correlation id, but not one chain of causes: a long comparison is no loop.
    with telling(Story.of_system(tx.service, event.correlationid)):
        await _ask(tx, answer.window_to, answer.until)


async def _send_again(tx: Transaction, answer: Resend) -> None:
    window = {"p_from": answer.window_from, "p_until": answer.window_to, "ids": list(answer.ids)}
    resent = (await tx.execute(_SEND_AGAIN, window)).rowcount
    tx.recorded = True
    log.warning("the archive lacked events", missing=len(answer.ids), resent=resent)
    tx.after_commit(lambda: MISSING.inc(len(answer.ids)))
    tx.after_commit(lambda: RESENT.inc(resent))


async def _ask(tx: Transaction, since: datetime, until: datetime) -> None:
    """The next portion after `since` is asked about, if anything sent before `until` is left."""
    oldest_kept = now() - timedelta(days=SENT_DAYS)
    oldest_unsent = await tx.scalar(_OLDEST_UNSENT)
    upper = min(until, oldest_unsent) if oldest_unsent else until
    if since >= upper:
        return
    rows = (await tx.execute(_SENT, {"p_from": max(since, oldest_kept), "p_until": upper, "p_limit": PORTION})).all()
    if not rows:
        await _compared(tx, since, upper)
        return
    # Rows of one microsecond may be split between portions: the next begins with that microsecond again.
    whole = len(rows) < PORTION
    window_to = upper if whole else max(rows[-1].recorded_at, since + _TICK)
    ids = [row.event_id for row in rows]
    question = CompareArchive(producer=tx.service, window_from=since, window_to=window_to, until=until, ids=ids)
    tx.command(COMPARE, question)
    tx.after_commit(lambda: COMPARED.inc(len(ids)))


async def _compared(tx: Transaction, since: datetime, until: datetime) -> None:
    """The mark moves over the window, if it stood in it, and never into what is not closed yet."""
    closed = min(until, now() - CLOSED_AFTER)
    if closed > since:
        await tx.execute(_MOVE_MARK, {"p_from": since, "p_until": closed})
