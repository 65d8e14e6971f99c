"""The command `reports.replay`: a reader that makes its history anew gets the archived events again, in portions."""

from typing import Any

import sqlalchemy as sa
from crm_chassis.attempts import Poison
from crm_chassis.context import Story, telling
from crm_chassis.database import Transaction
from crm_chassis.metrics import counter
from crm_chassis.replay import first_time, replay
from crm_contracts.archive import Replay, ReplayedTo
from crm_contracts.envelope import Envelope, Lane
from crm_contracts.graph import READERS

from crm_reports.archive import repository

PORTION = 1_000

REPLAYED = counter("reports_replayed", "Archived events sent to a reader again", ["queue"])
_REPLAYABLE = {reader.queue: reader.replays for reader in READERS if reader.replays}


async def send_portion(tx: Transaction, event: Envelope) -> None:
    """The next portion of what the reader replays is on its way to it, in order of position, and a mark after it.

    Poison for a queue the graph does not let replay: effects are none of them. The same order twice is one portion.
    """
    order = Replay.model_validate(event.data)
    if order.to_queue not in _REPLAYABLE:
        raise Poison(f"{order.to_queue} replays nothing")
    if not await first_time(tx, event):
        return
    # The head first: what is archived between the two statements belongs to the next portion or to this one.
    head, _ = await repository.head_and_conflicts(tx.connection)
    rows = await repository.whole_after(tx, order.after, _REPLAYABLE[order.to_queue], PORTION)
    end = len(rows) < PORTION
    last = rows[-1].position if rows else order.after
    mark = ReplayedTo(run=order.run, position=max(last, head) if end else last, end=end)
    await replay(tx, order.to_queue, [_as_told(row) for row in rows])
    # On the bulk lane, or it would overtake what it marks.
    with telling(Story.of_system(tx.service, event.correlationid, lane=Lane.BULK)):
        tx.command(order.to_queue, mark)
    tx.after_commit(lambda: REPLAYED.labels(order.to_queue).inc(len(rows)))


def _as_told(row: sa.Row[Any]) -> Envelope:
    return Envelope(
        id=row.id,
        source=f"/{row.type.partition('.')[0]}",
        type=row.type,
        subject=row.subject,
        time=row.time,
        recordedtime=row.recordedtime,
        sequence=row.sequence,
        actor=row.actor,
        correlationid=row.correlationid,
        causationid=row.causationid,
        lane=Lane(row.lane),
        replay=True,
        data=row.data if row.pii is None else {**row.data, "pii": row.pii},
    )
