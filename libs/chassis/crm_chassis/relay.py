"""The relay: publishes the outbox in order, with confirms, from one active process per database.

Owns: claim, publish, mark sent. An advisory lock on the claiming connection elects the active relay, so losing
the connection loses the right to publish. Live rows go before bulk rows; consecutive bulk rows of one type are
packed into a CloudEvents batch.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

import aiormq
import asyncpg
import sqlalchemy as sa
import structlog
from aiormq.channel import Channel
from crm_contracts.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, MAX_BATCH, MAX_EVENT_BYTES

from crm_chassis import bus
from crm_chassis.backoff import Backoff
from crm_chassis.database import Database, is_infrastructure
from crm_chassis.metrics import LOOP_FAILURES, OUTBOX_SENT, RELAY_ACTIVE
from crm_chassis.outbox import wire_body
from crm_chassis.publishing import Letter, publish_all

BATCH = 1_500
BATCH_BYTES = 16 * 1024 * 1024
POLL_S = 0.25
_LOCK = 7_310_001

# Two statements that run for every event of the service: asked of the driver itself, at a third of the cost.
# Live rows (bulk = false) sort before bulk ones, so one statement serves both lanes.
# As many rows as fit into both limits, but always one; of a body too long for its row only the length is read.
_COLUMNS = "id, event_id, type, queue, bulk, body, recorded_at"
_CLAIM = (
    f"SELECT {_COLUMNS} FROM (SELECT *, sum(octet_length(body)) OVER (ORDER BY bulk, id) AS reached"  # noqa: S608
    f" FROM (SELECT {_COLUMNS} FROM outbox ORDER BY bulk, id LIMIT $1) AS first) AS counted"
    " WHERE reached - octet_length(body) < $2 ORDER BY bulk, id"
)
_MARK_SENT = (
    "WITH gone AS (DELETE FROM outbox WHERE id = ANY($1::bigint[]) RETURNING *) "
    "INSERT INTO outbox_sent (id, event_id, type, queue, bulk, body, recorded_at, sent_at) "
    "SELECT id, event_id, type, queue, bulk, body, recorded_at, clock_timestamp() FROM gone"
)

log = structlog.get_logger()


class Claimed(NamedTuple):
    """A row of the outbox, as _CLAIM gives it."""

    id: int
    event_id: UUID
    type: str
    queue: str | None
    bulk: bool
    body: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """One AMQP message: one event, or several bulk events of one type."""

    ids: tuple[int, ...]
    type: str
    queue: str | None
    message_id: str
    content_type: str
    body: bytes


def pack(rows: Sequence[Claimed]) -> list[Parcel]:
    """Rows as messages in the same order; consecutive bulk rows of one type and target share one (≤ 100, ≤ 256 KiB)."""
    parcels: list[Parcel] = []
    group: list[tuple[Claimed, bytes]] = []
    size = 0

    def close() -> None:
        nonlocal group, size
        if not group:
            return
        first = group[0][0]
        single = len(group) == 1
        body = group[0][1] if single else b"[" + b",".join(raw for _, raw in group) + b"]"
        parcels.append(
            Parcel(
                ids=tuple(row.id for row, _ in group),
                type=first.type,
                queue=first.queue,
                message_id=str(first.event_id),
                content_type=CONTENT_TYPE if single else BATCH_CONTENT_TYPE,
                body=body,
            )
        )
        group, size = [], 0

    for row in rows:
        raw = wire_body(row.body, row.recorded_at)
        joins = (
            row.bulk
            and group
            and group[0][0].bulk
            and (group[0][0].type, group[0][0].queue) == (row.type, row.queue)
            and len(group) < MAX_BATCH
            and size + len(raw) < MAX_EVENT_BYTES
        )
        if not joins:
            close()
        group.append((row, raw))
        size += len(raw) + 1
    close()
    return parcels


class Relay:
    """Runs until cancelled; `wake` makes it look at once. Publishes nothing before the bus carries the mark."""

    def __init__(self, database: Database, amqp_url: str, mark: str) -> None:
        self._database = database
        self._amqp_url = amqp_url
        self._mark = mark
        self._bell = asyncio.Event()
        self.active = False

    def wake(self) -> None:
        """Something was committed."""
        self._bell.set()

    async def run(self) -> None:
        """Publish for ever; trouble with the database or the broker is waited out."""
        backoff = Backoff()
        while True:
            try:
                await self._hold_and_publish(backoff)
            except Exception as error:
                if not isinstance(error, bus.BUS_ERRORS) and not is_infrastructure(error):
                    LOOP_FAILURES.labels("relay").inc()
                    log.exception("relay failed")
                else:
                    backoff.tell(log, "relay waits", reason=repr(error))
            finally:
                self.active = False
                RELAY_ACTIVE.set(0)
            await backoff.wait()

    async def _hold_and_publish(self, backoff: Backoff) -> None:
        async with self._database.read() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            while not await connection.scalar(sa.text(f"SELECT pg_try_advisory_lock({_LOCK})")):
                await asyncio.sleep(1.0)
            try:
                broker = await aiormq.connect(self._amqp_url)
                try:
                    channel = cast(Channel, await broker.channel(publisher_confirms=True, on_return_raises=True))
                    await channel.exchange_declare(self._mark, passive=True)  # else not found: waited out
                    self.active = True
                    RELAY_ACTIVE.set(1)
                    backoff.reset()
                    while True:
                        await self._drain(driver, channel)
                        await self._rest()
                finally:
                    await broker.close()
            finally:
                if not connection.closed and not connection.invalidated:
                    await connection.execute(sa.text(f"SELECT pg_advisory_unlock({_LOCK})"))

    async def _rest(self) -> None:
        # Not wait_for: on Python 3.11 it swallows a cancellation that comes together with the bell.
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._bell.wait()

    async def _drain(self, driver: asyncpg.Connection, channel: Channel) -> None:
        while True:
            # Cleared before the look: what is committed after it rings again.
            self._bell.clear()
            rows = [Claimed(*row) for row in await driver.fetch(_CLAIM, BATCH, BATCH_BYTES)]
            if rows:
                await self._publish(driver, channel, pack(rows))
            if len(rows) < BATCH and sum(len(row.body) for row in rows) < BATCH_BYTES:
                break

    async def _publish(self, driver: asyncpg.Connection, channel: Channel, parcels: list[Parcel]) -> None:
        outcomes = await publish_all(channel, [_letter(parcel) for parcel in parcels])
        confirmed: list[int] = []
        sent: Counter[str] = Counter()
        failure: Exception | None = None
        for parcel, error in zip(parcels, outcomes, strict=True):
            if error is not None:
                failure = failure or error
            else:
                confirmed.extend(parcel.ids)
                sent[parcel.type] += len(parcel.ids)
        if confirmed:
            await driver.execute(_MARK_SENT, confirmed)
        for type_, count in sent.items():
            OUTBOX_SENT.labels(type_).inc(count)
        if failure:
            raise failure


def _letter(parcel: Parcel) -> Letter:
    exchange, key = (bus.EVENTS_EXCHANGE, parcel.type) if parcel.queue is None else ("", parcel.queue)
    return Letter(exchange, key, parcel.content_type, parcel.message_id, parcel.type, parcel.body)
