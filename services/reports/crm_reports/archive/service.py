"""Use cases of the archive: keep events, and say how far it is."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
import structlog
from crm_chassis.database import Transaction
from crm_chassis.metrics import counter, gauge
from crm_contracts.envelope import Envelope

from crm_reports.archive import repository
from crm_reports.archive.rules import Kept, says_the_same, split_personal, stamps

ARCHIVED = counter("reports_archived", "Events added to the archive", ["type"])
REDELIVERED = counter("reports_redelivered", "Events that were in the archive already")
CONFLICTS = counter("reports_archive_conflicts", "Event ids that came again with another body")
POSITION = gauge("reports_archive_position", "Position of the last archived event")

log = structlog.get_logger()


class Archivist:
    """The reader `reports.archive`; `wake` is called after each commit that added something."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    async def __call__(self, tx: Transaction, events: Sequence[Envelope]) -> None:
        """Each event is archived once, by the first body that came under its id; redelivery adds nothing."""
        head = await repository.lock_head(tx)
        kept = await repository.kept(tx, [event.id for event in events])
        new, conflicts = _sort_out(events, kept)
        times = stamps(len(new), head.stamp, head.clock)
        rows, personal = [], []
        for offset, (event, archived_at) in enumerate(zip(new, times, strict=True), start=1):
            data, pii = split_personal(event.data)
            rows.append(_row(event, head.position + offset, data, archived_at))
            if pii is not None:
                personal.append((event.subject_id, event.id, _json(pii)))
        if rows:
            await repository.add(tx, rows, personal)
        position = head.position + len(rows)
        if rows or conflicts:
            await repository.move_head(tx, position, times[-1] if times else head.stamp, conflicts)
        tx.after_commit(lambda: self._committed(new, len(events) - len(new), conflicts, position))

    def _committed(self, new: Sequence[Envelope], known: int, conflicts: int, position: int) -> None:
        for type_, count in Counter(event.type for event in new).items():
            ARCHIVED.labels(type_).inc(count)
        REDELIVERED.inc(known - conflicts)
        CONFLICTS.inc(conflicts)
        POSITION.set(position)
        if new:
            self._wake()


def _sort_out(events: Sequence[Envelope], kept: dict[Any, Kept]) -> tuple[list[Envelope], int]:
    """The events not archived yet, first of each id only, and the number of known ids with another body."""
    known: dict[Any, Kept | Envelope] = dict(kept)
    new: list[Envelope] = []
    conflicts = 0
    for event in events:
        first = known.get(event.id)
        if first is None:
            known[event.id] = event
            new.append(event)
        elif not says_the_same(_as_kept(first) if isinstance(first, Envelope) else first, event):
            conflicts += 1
            log.warning("event id came with another body; the first is kept", event_id=str(event.id))
    return new, conflicts


def _as_kept(event: Envelope) -> Kept:
    data, pii = split_personal(event.data)
    return Kept(
        type=event.type,
        subject=event.subject,
        time=event.time,
        recordedtime=event.recordedtime,
        sequence=event.sequence,
        actor=event.actor,
        correlationid=event.correlationid,
        causationid=event.causationid,
        data=data,
        pii=pii,
    )


def _row(event: Envelope, position: int, data: dict[str, Any], archived_at: datetime) -> tuple[Any, ...]:
    told = {
        "id": event.id,
        "position": position,
        "type": event.type,
        "subject": event.subject,
        "subject_id": event.subject_id,
        "time": event.time,
        "recordedtime": event.recordedtime,
        "archived_at": archived_at,
        "sequence": event.sequence,
        "actor": event.actor,
        "correlationid": event.correlationid,
        "causationid": event.causationid,
        "lane": event.lane.value,
        "data": _json(data),
    }
    return tuple(told[name] for name in repository.EVENT)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
