"""The comparison with the archive: what it lacks goes there again, and nothing is called whole that is not."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from crm_chassis import migrate, resend
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.database import Database
from crm_chassis.ids import new_id
from crm_chassis.outbox import wire_body
from crm_contracts.archive import ARCHIVE_QUEUE, COMPARE, CompareArchive, Resend
from crm_contracts.envelope import Envelope
from sqlalchemy import text

HOUR = timedelta(hours=1)
BODY = b'{"specversion":"1.0","sequence":1}'


class Producer:
    """A database whose sent events a test makes by hand, and an archive that is a set of ids."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.archive: set[UUID] = set()

    async def sent(self, at: datetime, *, archived: bool = True, queue: str | None = None) -> UUID:
        """An event recorded at that time and confirmed by the broker."""
        id = new_id()
        await self.execute(
            "INSERT INTO outbox_sent VALUES (1, :id, 'sample.thing.changed.v1', :queue, false, :body, :at, :at)",
            id=id,
            queue=queue,
            body=BODY,
            at=at,
        )
        if archived:
            self.archive.add(id)
        return id

    async def execute(self, statement: str, **values: Any) -> list[Any]:
        """What a statement gave, as rows."""
        async with self.database.transaction() as tx:
            result = await tx.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    async def questions(self) -> list[Envelope]:
        """What the archive is asked, taken from the outbox."""
        rows = await self.execute("DELETE FROM outbox WHERE queue = :queue RETURNING body, recorded_at", queue=COMPARE)
        return [Envelope.model_validate(orjson.loads(wire_body(row.body, row.recorded_at))) for row in rows]

    async def answer(self, question: Envelope) -> list[UUID]:
        """The archive's answer is heard; answers the ids it lacked."""
        asked = CompareArchive.model_validate(question.data)
        assert asked.producer == "sample"
        missing = [id for id in asked.ids if id not in self.archive]
        data = Resend(window_from=asked.window_from, window_to=asked.window_to, until=asked.until, ids=missing)
        event = question.model_copy(update={"id": new_id(), "data": data.model_dump(mode="json"), "hops": 1})
        with telling(Story.caused_by(event, "sample")):
            async with self.database.transaction() as tx:
                await resend.answered(tx, event)
        return missing

    async def sweep(self) -> list[UUID]:
        """All questions are answered until there are no more; answers the ids that were asked about."""
        asked: list[UUID] = []
        while questions := await self.questions():
            for question in questions:
                asked += CompareArchive.model_validate(question.data).ids
                await self.answer(question)
        return asked

    async def an_hour_passes(self) -> None:
        """It is time to compare again."""
        await self.execute("UPDATE archive_check SET asked_at = asked_at - interval '1 hour'")

    async def mark(self) -> datetime:
        """Up to when the archive is known to be whole."""
        (row,) = await self.execute("SELECT compared_until FROM archive_check")
        found: datetime = row.compared_until
        return found

    async def resent(self) -> list[Any]:
        """What waits to go to the archive once more."""
        return await self.execute("SELECT * FROM outbox WHERE queue = :queue", queue=ARCHIVE_QUEUE)


@pytest.fixture
async def producer(make_database: Callable[[str], str]) -> AsyncIterator[Producer]:
    url = make_database("compared").replace("postgresql://", "postgresql+asyncpg://")
    await migrate.upgrade(url, "sample", Path(__file__).parent / "sample_migrations")
    database = Database(url, "sample")
    yield Producer(database)
    await database.close()


async def test_every_sent_event_is_compared_once_an_hour_by_one_process(
    producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resend, "PORTION", 3)
    began = now()
    news = [await producer.sent(began - HOUR * (10 - number)) for number in range(8)]
    await producer.sent(began - HOUR, queue="reports.archive")
    assert await resend.compare_if_due(producer.database)
    assert not await resend.compare_if_due(producer.database)
    asked = await producer.sweep()
    assert set(asked) == set(news)
    assert began - resend.CLOSED_AFTER - HOUR < await producer.mark() <= now() - resend.CLOSED_AFTER
    await producer.an_hour_passes()
    assert await resend.compare_if_due(producer.database)
    assert await producer.sweep() == []


async def test_what_is_missing_goes_to_the_archive_only_as_it_was_and_once(producer: Producer) -> None:
    at = now() - 2 * HOUR
    await producer.sent(at - HOUR)
    lost = await producer.sent(at, archived=False)
    await resend.compare_if_due(producer.database)
    (question,) = await producer.questions()
    assert await producer.answer(question) == [lost]
    assert await producer.answer(question) == [lost]
    (row,) = await producer.resent()
    assert (row.event_id, row.body, row.recorded_at, row.bulk) == (lost, BODY, at, True)
    assert row.type == "sample.thing.changed.v1"
    (kept,) = await producer.execute("SELECT queue FROM outbox_sent WHERE event_id = :id", id=lost)
    assert kept.queue is None
    await producer.execute(
        "WITH gone AS (DELETE FROM outbox RETURNING *) INSERT INTO outbox_sent SELECT *, now() FROM gone"
    )
    assert await producer.answer(question) == [lost]
    assert len(await producer.resent()) == 1


async def test_the_mark_does_not_pass_what_is_missing_until_it_is_archived(producer: Producer) -> None:
    lost = await producer.sent(now() - 2 * HOUR, archived=False)
    await resend.compare_if_due(producer.database)
    await producer.sweep()
    assert (await producer.mark()).year == 1970
    producer.archive.add(lost)
    await producer.an_hour_passes()
    await resend.compare_if_due(producer.database)
    assert await producer.sweep() == [lost]
    assert await producer.mark() > now() - HOUR


async def test_a_lost_question_is_asked_again(producer: Producer) -> None:
    id = await producer.sent(now() - 2 * HOUR)
    await resend.compare_if_due(producer.database)
    assert len(await producer.questions()) == 1
    await producer.an_hour_passes()
    await resend.compare_if_due(producer.database)
    assert await producer.sweep() == [id]


async def test_nothing_newer_than_an_unsent_event_counts_as_compared(producer: Producer) -> None:
    unsent_at = now() - 3 * HOUR
    await producer.sent(unsent_at - HOUR)
    await producer.sent(unsent_at + HOUR)
    await producer.execute(
        "INSERT INTO outbox (event_id, type, bulk, body, recorded_at) VALUES (:id, 'x', false, :body, :at)",
        id=new_id(),
        body=BODY,
        at=unsent_at,
    )
    await resend.compare_if_due(producer.database)
    await producer.sweep()
    assert await producer.mark() == unsent_at


async def test_the_last_quarter_of_an_hour_stays_open_even_to_an_order(producer: Producer) -> None:
    await resend.compare_if_due(producer.database)
    assert await producer.mark() > now() - HOUR
    young = await producer.sent(now() - timedelta(minutes=5))
    since = now() - HOUR
    order = Resend(window_from=since, window_to=since, until=now(), ids=[])
    event = Envelope(
        id=new_id(),
        source="/crm",
        type="sample.resend",
        subject=f"command/{new_id()}",
        time=now(),
        recordedtime=now(),
        sequence=0,
        actor="system:crm",
        correlationid=new_id(),
        data=order.model_dump(mode="json"),
    )
    with telling(Story.of_system("sample")):
        async with producer.database.transaction() as tx:
            await resend.answered(tx, event)
    assert await producer.sweep() == [young]
    assert await producer.mark() <= now() - resend.CLOSED_AFTER


async def test_a_comparison_of_many_portions_is_no_loop_of_causes(
    producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resend, "PORTION", 2)
    for number in range(30):
        await producer.sent(now() - 2 * HOUR + timedelta(seconds=number))
    await resend.compare_if_due(producer.database)
    hops = []
    while questions := await producer.questions():
        hops += [question.hops for question in questions]
        for question in questions:
            await producer.answer(question)
    assert len(hops) > 20
    assert set(hops) == {0}
