"""A part that is away is waited for: readers pause, requests say so, and no message is given up for it."""

from collections.abc import AsyncIterator, Callable

import pytest
import sample
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, eventually, running
from prometheus_client import REGISTRY
from severed import Severable


@pytest.fixture
async def severable(
    make_database: Callable[[str], str], make_vhost: Callable[[], str]
) -> AsyncIterator[tuple[Harness, Severable]]:
    """The sample service, and the wire to its database."""
    async with (
        Severable(make_database("severed")) as wire,
        running(sample.wiring, sample.Settings, database_url=wire.url, amqp_url=make_vhost()) as harness,
    ):
        yield harness, wire


def _pauses(queue: str) -> float:
    return REGISTRY.get_sample_value("crm_consumer_pauses_total", {"queue": queue}) or 0.0


async def test_a_database_outage_pauses_the_readers_and_kills_no_message(
    severable: tuple[Harness, Severable], monkeypatch: pytest.MonkeyPatch
) -> None:
    harness, wire = severable
    monkeypatch.setattr("crm_chassis.bus.RETRY_DELAYS_S", ())
    queues = ("sample.facts", "sample.effects")
    before = {queue: _pauses(queue) for queue in queues}
    wire.sever()
    events = [
        harness.event(sample.CHANGED, {"name": f"n{number}", "id": str(new_id())}, subject="thing", id=new_id())
        for number in range(20)
    ]
    await harness.deliver(*events)
    # Each reader has tried more than once: with no ladder, one that counted that as failure would have buried it.
    await eventually(lambda: all(_pauses(queue) >= before[queue] + 2 for queue in queues))
    answer = await harness.client.get("/api/v1/things", headers=harness.headers(admin(("thing",))))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]
    wire.mend()
    await eventually(lambda: _counted(harness, "fact", len(events)), timeout=30)
    await eventually(lambda: _counted(harness, "effect", len(events)), timeout=30)
    await harness.idle(*queues)
    assert await harness.rows("SELECT 1 FROM dead_letter") == []


async def _counted(harness: Harness, table: str, count: int) -> bool:
    names = await harness.rows(f"SELECT DISTINCT name FROM {table} WHERE name LIKE 'n%'")  # noqa: S608
    return len(names) == count
