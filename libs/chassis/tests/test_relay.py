"""The outbox's promises: order within a subject, live before bulk, one active relay, sent rows kept, nothing lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aio_pika
import orjson
import pytest
import sample
from crm_chassis import migrate, relay, topology
from crm_chassis.backoff import Backoff
from crm_chassis.context import Story, telling
from crm_chassis.database import Database
from crm_chassis.decode import envelopes
from crm_chassis.housekeeping import partition_name, tidy
from crm_chassis.ids import new_id
from crm_chassis.outbox import EventRefused
from crm_chassis.relay import Relay, pack
from crm_chassis.testing import eventually
from crm_contracts.envelope import BATCH_CONTENT_TYPE, MAX_BATCH, MAX_EVENT_BYTES, Envelope, Lane
from crm_contracts.graph import Reader
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

WATCH = Reader("sample.watch", "fact", (sample.CHANGED, "sample.thing.other.v1"))


class Bench:
    """A database with an outbox and a queue that receives everything."""

    def __init__(self, database: Database, amqp_url: str) -> None:
        self.database = database
        self.amqp_url = amqp_url

    async def record(
        self, count: int, *, lane: Lane = Lane.LIVE, type: str = sample.CHANGED, subjects: int = 3
    ) -> None:
        """`count` events over a few subjects, one transaction each ten."""
        ids = [new_id() for _ in range(subjects)]
        with telling(Story.of_system("sample", lane=lane)):
            for start in range(0, count, 10):
                async with self.database.transaction() as tx:
                    for number in range(start, min(start + 10, count)):
                        id = ids[number % subjects]
                        state = sample.ThingState(id=id, name=str(number))
                        tx.record(type, subject="thing", id=id, sequence=number, data=state)

    async def pending(self) -> int:
        """Events not yet sent."""
        async with self.database.read() as connection:
            return int(await connection.scalar(text("SELECT count(*) FROM outbox")) or 0)

    def relay(self) -> Relay:
        """One of the sample's own."""
        return Relay(self.database, self.amqp_url, topology.mark((WATCH,), ("sample",)))

    async def received(self) -> tuple[list[Envelope], list[str]]:
        """Everything in the queue, in order, and the content type of each message."""
        events: list[Envelope] = []
        kinds: list[str] = []
        connection = await aio_pika.connect(self.amqp_url)
        async with connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(WATCH.queue, passive=True)
            while (message := await queue.get(fail=False, no_ack=True)) is not None:
                events += envelopes(message.body, message.content_type)
                kinds.append(message.content_type or "")
        return events, kinds


@pytest.fixture
async def bench(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Bench]:
    url = make_database("relay").replace("postgresql://", "postgresql+asyncpg://")
    amqp_url = make_vhost()
    await topology.provision(amqp_url, (WATCH,), ("sample",))
    await migrate.upgrade(url, "sample", Path(__file__).parent / "sample_migrations")
    database = Database(url, "sample")
    yield Bench(database, amqp_url)
    await database.close()


async def _drained(bench: Bench, *relays: Relay) -> None:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]

    async def empty() -> bool:
        return await bench.pending() == 0

    try:
        await eventually(empty, 30)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_live_events_go_before_bulk_ones_recorded_earlier(bench: Bench) -> None:
    await bench.record(250, lane=Lane.BULK)
    await bench.record(5)
    await _drained(bench, bench.relay())
    events, kinds = await bench.received()
    assert [event.lane for event in events] == [Lane.LIVE] * 5 + [Lane.BULK] * 250
    assert kinds[:5] == ["application/cloudevents+json"] * 5
    assert kinds[5:] == [BATCH_CONTENT_TYPE] * 3


async def test_a_type_between_bulk_events_begins_a_new_batch(bench: Bench) -> None:
    await bench.record(3, lane=Lane.BULK)
    await bench.record(2, lane=Lane.BULK, type="sample.thing.other.v1")
    await bench.record(1, lane=Lane.BULK)
    await _drained(bench, bench.relay())
    events, kinds = await bench.received()
    assert [event.type for event in events] == [sample.CHANGED] * 3 + ["sample.thing.other.v1"] * 2 + [sample.CHANGED]
    assert len(kinds) == 3


async def test_a_relay_cut_off_midway_is_taken_over_without_loss_or_inversion(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 100)  # so that there is a middle
    await bench.record(3000)
    first, standby = bench.relay(), bench.relay()
    leading = asyncio.create_task(first.run())
    await eventually(lambda: first.active)

    async def begun() -> bool:
        return await bench.pending() < 3000

    await eventually(begun)
    leading.cancel()
    await asyncio.gather(leading, return_exceptions=True)
    assert await bench.pending() > 0, "nothing was pending at the cut: the test proves nothing"
    await _drained(bench, standby)
    events, _ = await bench.received()
    unique = list({event.id: event for event in events}.values())
    assert len(unique) == 3000
    newest: dict[str, int] = {}
    for event in unique:
        assert event.sequence > newest.get(event.subject, -1)
        newest[event.subject] = event.sequence


async def test_a_claim_takes_few_events_when_they_are_large_but_always_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: list[int] = []

    def counted(rows: list[Any]) -> Any:
        claims.append(len(rows))
        return pack(rows)

    monkeypatch.setattr(relay, "pack", counted)
    for limit, count, most in ((1_000, 40, 4), (1, 3, 1)):
        claims.clear()
        monkeypatch.setattr(relay, "BATCH_BYTES", limit)
        await bench.record(count)
        await _drained(bench, bench.relay())
        assert sum(claims) == count
        assert max(claims) <= most
    events, _ = await bench.received()
    assert [event.data["name"] for event in events] == [str(number) for number in (*range(40), *range(3))]


async def test_two_relays_never_publish_at_once(bench: Bench) -> None:
    relays = [bench.relay() for _ in range(2)]
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    await eventually(lambda: any(relay.active for relay in relays))
    await bench.record(500)

    async def empty() -> bool:
        assert sum(relay.active for relay in relays) <= 1
        return await bench.pending() == 0

    await eventually(empty)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    events, _ = await bench.received()
    assert len(events) == 500


async def test_sent_events_are_kept_for_a_fortnight_in_day_partitions(bench: Bench) -> None:
    await bench.record(4)
    await _drained(bench, bench.relay())
    async with bench.database.read() as connection:
        day = (await connection.execute(text("SELECT sent_at::date FROM outbox_sent"))).scalars().all()
    assert len(day) == 4
    await tidy(bench.database, day[0])
    tomorrow = partition_name(day[0] + timedelta(days=1))
    async with bench.database.read() as connection:
        assert await connection.scalar(text(f"SELECT to_regclass('{tomorrow}') IS NOT NULL"))
    await tidy(bench.database, day[0] + timedelta(days=14))
    async with bench.database.read() as connection:
        assert await connection.scalar(text(f"SELECT to_regclass('{tomorrow}') IS NOT NULL"))
    await tidy(bench.database, day[0] + timedelta(days=16))
    async with bench.database.read() as connection:
        assert not await connection.scalar(text(f"SELECT to_regclass('{tomorrow}') IS NOT NULL"))


async def test_an_event_over_the_cap_or_of_a_circle_is_refused_at_recording(bench: Bench) -> None:
    huge = sample.ThingState(id=new_id(), name="x" * MAX_EVENT_BYTES)
    with telling(Story.of_system("sample")), pytest.raises(EventRefused):
        async with bench.database.transaction() as tx:
            tx.record(sample.CHANGED, subject="thing", id=huge.id, sequence=1, data=huge)
    circle = Story(actor="system:sample", correlation_id=new_id(), hops=9)
    with telling(circle), pytest.raises(EventRefused):
        async with bench.database.transaction() as tx:
            state = sample.ThingState(id=new_id(), name="x")
            tx.record(sample.CHANGED, subject="thing", id=state.id, sequence=1, data=state)
    assert await bench.pending() == 0


def _row(number: int, type_: str, size: int, bulk: bool) -> Any:
    body = orjson.dumps({"n": number, "pad": "x" * size})
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return SimpleNamespace(id=number, event_id=new_id(), type=type_, queue=None, bulk=bulk, body=body, recorded_at=at)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([10, 5000, 100_000])), max_size=250), st.booleans())
def test_packing_keeps_every_event_once_in_order_within_the_caps(rows: list[tuple[str, int]], bulk: bool) -> None:
    made = [_row(number, type_, size, bulk) for number, (type_, size) in enumerate(rows)]
    parcels = pack(made)
    assert [id for parcel in parcels for id in parcel.ids] == list(range(len(rows)))
    for parcel in parcels:
        assert {made[id].type for id in parcel.ids} == {parcel.type}
        assert len(parcel.ids) <= (MAX_BATCH if bulk else 1)
        assert len(parcel.ids) == 1 or len(parcel.body) <= MAX_EVENT_BYTES + 2
        body = orjson.loads(parcel.body)
        assert [item["n"] for item in (body if len(parcel.ids) > 1 else [body])] == list(parcel.ids)


async def test_nothing_is_published_before_the_whole_bus_is_declared(
    make_database: Callable[[str], str], make_vhost: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_database("relay").replace("postgresql://", "postgresql+asyncpg://")
    await migrate.upgrade(url, "sample", Path(__file__).parent / "sample_migrations")
    bench = Bench(Database(url, "sample"), make_vhost())
    await topology.provision(bench.amqp_url, (WATCH,), ("sample", "another"))  # all but what this code asks for
    await bench.record(3)
    refused: list[BaseException] = []
    monkeypatch.setattr(Backoff, "tell", lambda *_, reason, **__: refused.append(reason))
    running = asyncio.create_task(bench.relay().run())
    await eventually(lambda: len(refused) > 2)
    assert await bench.pending() == 3
    await topology.provision(bench.amqp_url, (WATCH,), ("sample",))

    async def empty() -> bool:
        return await bench.pending() == 0

    await eventually(empty, 30)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    events, _ = await bench.received()
    assert len(events) == 3
    await bench.database.close()
