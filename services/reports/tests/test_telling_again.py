"""The archive says what it lacks, and tells what it has once more to who makes a history anew."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aio_pika
import orjson
import pytest
from crm_chassis.attempts import Poison
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually
from crm_contracts.archive import COMPARE, MAX_COMPARED, REPLAY, TIMELINE_REPLAY, CompareArchive, Replay, resend_queue
from crm_contracts.envelope import Envelope, Lane
from crm_contracts.graph import HISTORY
from crm_reports.archive import replay
from crm_reports.archive.comparison import Comparison

from .company import Call, Pipeline, User, projected

NOON = datetime(2026, 5, 4, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def asked(reports: Harness, *ids: UUID, producer: str = "telephony") -> Envelope:
    """A producer's question about these ids."""
    question = CompareArchive(
        producer=producer, window_from=NOON, window_to=NOON + HOUR, until=NOON + 2 * HOUR, ids=list(ids)
    )
    return reports.event(COMPARE, question, subject="command", id=new_id(), sequence=0)


async def test_a_producer_hears_what_the_archive_lacks_and_also_that_it_lacks_nothing(reports: Harness) -> None:
    call = Call(User(new_id()).id, NOON)
    events = [call.rang(), call.missed()]
    await projected(reports, *events)
    unknown = [new_id() for _ in range(MAX_COMPARED - 2)]
    whole, holed = asked(reports, *(event.id for event in events)), asked(reports, events[0].id, events[1].id, *unknown)
    await reports.deliver(whole, holed, queue=COMPARE)

    async def answers() -> Any:
        told = await reports.recorded(resend_queue("telephony"))
        mine = [event for event in told if event.correlationid in (whole.correlationid, holed.correlationid)]
        return {event.correlationid: event.data for event in mine} if len(mine) == 2 else None

    answer = await eventually(answers)
    assert answer[whole.correlationid]["ids"] == []
    assert set(answer[holed.correlationid]["ids"]) == {str(id) for id in unknown}
    window = {name: datetime.fromisoformat(answer[whole.correlationid][name]) for name in ("window_from", "window_to")}
    assert window == {"window_from": NOON, "window_to": NOON + HOUR}


async def test_nothing_is_called_missing_while_the_archive_is_behind(reports: Harness) -> None:
    async def much_waits() -> int:
        return 7

    before = len(await reports.recorded(resend_queue("telephony")))
    with telling(Story.of_system("reports")):
        async with reports.database.transaction() as tx:
            await Comparison(much_waits)(tx, asked(reports, new_id()))
    assert len(await reports.recorded(resend_queue("telephony"))) == before


async def test_a_question_in_nobodys_name_is_poison(reports: Harness) -> None:
    async def nothing_waits() -> int:
        return 0

    async with reports.database.transaction() as tx:
        with pytest.raises(Poison):
            await Comparison(nothing_waits)(tx, asked(reports, new_id(), producer="weather"))


async def replayed(reports: Harness) -> list[tuple[dict[str, Any], str]]:
    """What lies in the reader's queue, in order, taken away, each with its message's type."""
    found: list[tuple[dict[str, Any], str]] = []
    async with await aio_pika.connect(reports.runtime.settings.amqp_url) as connection:
        queue = await (await connection.channel()).declare_queue(TIMELINE_REPLAY, passive=True)
        while (message := await queue.get(fail=False, no_ack=True)) is not None:
            body = orjson.loads(message.body)
            found += [(event, message.type or "") for event in (body if isinstance(body, list) else [body])]
    return found


async def portion(reports: Harness, run: UUID, after: int) -> tuple[list[Envelope], dict[str, Any]]:
    """The events and the mark the archive sends for one order, delivered twice."""
    order = Replay(run=run, to_queue=TIMELINE_REPLAY, after=after)
    command = reports.event(REPLAY, order, subject="command", id=new_id(), sequence=0)
    await reports.deliver(command, command, queue=REPLAY)
    await eventually(lambda: reports.rows("SELECT 1 FROM inbox WHERE event_id = :id", id=command.id))
    await reports.idle(REPLAY)
    told = await replayed(reports)
    assert [type for _, type in told[-1:]] == [TIMELINE_REPLAY]
    return [Envelope.model_validate(event) for event, _ in told[:-1]], told[-1][0]["data"]


async def test_the_archive_tells_again_in_portions_all_that_a_history_is_made_of(
    reports: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "PORTION", 4)
    (start,) = await reports.rows("SELECT position FROM archive_head")
    calls = [Call(new_id(), NOON + HOUR * number) for number in range(3)]
    told = [event for call in calls for event in (call.rang(), call.missed())]
    other = [Pipeline().changed(NOON)]
    await projected(reports, *told, *other)
    run = new_id()
    heard: list[Envelope] = []
    after, end = start["position"], False
    while not end:
        events, mark = await portion(reports, run, after)
        assert len(events) <= 4
        heard += events
        after, end = mark["position"], mark["end"]
        assert mark["run"] == str(run)
    (head,) = await reports.rows("SELECT position FROM archive_head")
    assert after == head["position"]
    assert all(event.replay and event.type in HISTORY for event in heard)
    as_archived = {event.id: event.model_copy(update={"replay": True}) for event in told}
    assert {event.id: event for event in heard} == as_archived
    assert len(heard) == len(told)
    assert {event.lane for event in heard} == {Lane.LIVE}
    assert [event.id for event in heard] == [
        row["id"]
        for row in await reports.rows(
            "SELECT id FROM event_archive WHERE id = ANY(:ids) ORDER BY position", ids=[event.id for event in told]
        )
    ]


async def test_no_queue_of_an_effect_or_a_copy_is_replayed_into(reports: Harness) -> None:
    for queue in ("deals.calls", "contacts.capture", "deals.cards", "notifications.send-message"):
        order = reports.event(
            REPLAY, Replay(run=new_id(), to_queue=queue, after=0), subject="command", id=new_id(), sequence=0
        )
        async with reports.database.transaction() as tx:
            with pytest.raises(Poison):
                await replay.send_portion(tx, order)
