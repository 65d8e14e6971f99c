"""The watch on real servers: what stands still is seen from outside of what stands still."""

from collections.abc import AsyncIterator, Callable

import aio_pika
import pytest
import sample
import sqlalchemy as sa
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually, running
from prometheus_client import REGISTRY


@pytest.fixture(scope="module")
async def watched(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Harness]:
    """The sample service, measured five times a second."""
    async with running(
        sample.wiring, sample.Settings, database_url=make_database("watched"), amqp_url=make_vhost(), watch_s=0.2
    ) as started:
        yield started


def shown(metric: str, **labels: str) -> float:
    """What /metrics says now."""
    value = REGISTRY.get_sample_value(metric, labels)
    assert value is not None, f"{metric} {labels} is not shown"
    return value


async def becomes(metric: str, least: float, most: float, **labels: str) -> None:
    """The metric comes to lie between the two."""
    await eventually(lambda: least <= shown(metric, **labels) <= most)


@pytest.mark.parametrize(("queue", "table"), [("sample.things", "thing_copy"), ("sample.effects", "effect")])
async def test_a_reader_that_stands_still_ages_by_the_clock(watched: Harness, queue: str, table: str) -> None:
    await becomes("crm_consumer_lag_seconds", 0, 0, queue=queue)
    event = watched.event(sample.CHANGED, {"id": str(new_id()), "name": "held"}, subject="thing", id=new_id())
    async with watched.database.transaction() as tx:
        await tx.execute(sa.text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        await watched.deliver(event)
        await becomes("crm_queue_waiting", 1, 1, queue=queue)
        await becomes("crm_consumer_lag_seconds", 1, 30, queue=queue)
    await becomes("crm_queue_waiting", 0, 0, queue=queue)
    await becomes("crm_consumer_lag_seconds", 0, 0, queue=queue)


async def test_what_was_given_up_is_counted_until_somebody_decides(watched: Harness) -> None:
    queue = {"queue": "sample.facts"}
    await becomes("crm_dead_letters_waiting", 0, 0, **queue)
    before = shown("crm_dead_letters_total", **queue)
    async with await aio_pika.connect(watched.runtime.settings.amqp_url) as connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(b"no event"), routing_key="sample.facts")
    await becomes("crm_dead_letters_waiting", 1, 1, **queue)
    assert shown("crm_dead_letters_total", **queue) == before + 1
    async with watched.database.transaction() as tx:
        await tx.execute(sa.text("UPDATE dead_letter SET redriven_at = now()"))
    await becomes("crm_dead_letters_waiting", 0, 0, **queue)


async def test_an_outbox_nobody_publishes_ages(watched: Harness) -> None:
    await becomes("crm_relay_active", 1, 1)
    async with watched.database.transaction() as held:
        # What the relay claims it must be able to mark: it stands still behind this.
        await held.execute(sa.text("LOCK TABLE outbox_sent IN ACCESS EXCLUSIVE MODE"))
        with telling(Story.of_system("sample")):
            async with watched.database.transaction() as tx:
                state = sample.ThingState(id=new_id(), name="unsent")
                tx.record(sample.CHANGED, subject="thing", id=state.id, sequence=1, data=state)
        await becomes("crm_outbox_lag_seconds", 1, 30)
        assert shown("crm_outbox_depth") >= 1
    await becomes("crm_outbox_lag_seconds", 0, 0)


async def test_a_timer_past_its_time_is_seen(watched: Harness) -> None:
    insert = (
        "INSERT INTO due_work (kind, key, due_at, payload, correlation_id) "
        "VALUES ('nobody.does.this', '1', now() - interval '1 minute', '{}', gen_random_uuid())"
    )
    async with watched.database.transaction() as tx:
        await tx.execute(sa.text(insert))
    await becomes("crm_due_work_lag_seconds", 60, 90)
    async with watched.database.transaction() as tx:
        await tx.execute(sa.text("DELETE FROM due_work"))
    await becomes("crm_due_work_lag_seconds", 0, 0)


async def test_the_parts_are_told_one_by_one(watched: Harness) -> None:
    await becomes("crm_part_ok", 1, 1, part="database")
    await becomes("crm_part_ok", 1, 1, part="bus")
