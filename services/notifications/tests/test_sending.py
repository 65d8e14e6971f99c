"""A message is sent at most once without a person's word, whatever dies when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, Transaction
from crm_chassis.testing import Harness, eventually, nobody, running
from crm_notifications.channels.email import OutgoingEmail
from crm_notifications.channels.outcome import Outcome
from crm_notifications.main import wiring
from crm_notifications.sending import service
from crm_notifications.sending.worker import Channels, Pace, Sender
from crm_notifications.settings import NotificationsSettings

from .scenes import Scripted, boss, card, command, do_due, only_message, order, seller, sender, told


async def queued(
    harness: Harness, script: Scripted | None = None, *answers: Outcome | Exception, **changes: Any
) -> str:
    """A queued e-mail and what its server will answer; returns the address."""
    person = await card(harness)
    await command(harness, order(person, **changes))
    to = f"{person.hex}@example.com"
    if script:
        script.answers[to] = list(answers)
    return to


async def cut_off(harness: Harness) -> UUID:
    """A sender takes the message and dies before anything came of it; returns the attempt."""
    with telling(Story.of_system("notifications")):
        async with harness.database.transaction() as tx:
            taken = await service.take(tx, timedelta(seconds=-1), now())
    assert taken is not None
    return taken.attempt_id


async def decide(harness: Harness, decision: str, version: int | None = None, caller: Any = None) -> Any:
    row = await only_message(harness)
    return await harness.client.post(
        f"/api/v1/messages/{row['id']}/resolve",
        json={"as": decision},
        headers=harness.headers(caller or boss(), if_match=str(version or row["version"])),
    )


async def test_a_message_is_marked_before_it_is_sent_in_a_transaction_of_its_own(still: Harness) -> None:
    await queued(still)
    seen: list[str] = []

    @dataclass
    class Looking:
        async def send(self, email: OutgoingEmail) -> Outcome:
            seen.append((await only_message(still))["status"])  # another connection: only what is committed
            return Outcome.accepted()

    pace = Pace(timedelta(minutes=1), (), 0.05)
    assert await Sender(still.database, Channels(Looking(), None), pace, asyncio.Event()).send_next()
    assert seen == ["submitting"]
    assert (await only_message(still))["status"] == "sent"
    assert await still.rows("SELECT 1 FROM due_work") == []


async def test_accepted_is_sent_and_told_in_the_messages_story(still: Harness) -> None:
    script = Scripted()
    await queued(still, script, Outcome.accepted("gw-7"))
    assert await sender(still, script).send_next()
    assert not await sender(still, script).send_next()
    row = await only_message(still)
    assert (row["status"], row["version"], row["attempts"], row["error"]) == ("sent", 2, 1, None)
    assert await told(still) == [("queued", 1), ("sent", 2)]
    events = await still.recorded()
    assert {event.correlationid for event in events} == {row["correlation_id"]}
    assert set(events[-1].data["changed"]) == {"status", "sent_at"}
    (attempt,) = await still.rows("SELECT answer, gateway_id, finished_at FROM attempt")
    assert (attempt["answer"], attempt["gateway_id"]) == ("accepted", "gw-7")


async def test_refused_is_failed_with_its_reason_and_never_tried_again(still: Harness) -> None:
    script = Scripted()
    await queued(still, script, Outcome.refused("smtp_550_5.1.1", "550 no such user"))
    assert await sender(still, script).send_next()
    row = await only_message(still)
    assert (row["status"], row["error"], row["error_detail"]) == ("failed", "smtp_550_5.1.1", "550 no such user")
    assert await do_due(still) == 0
    assert not await sender(still, script).send_next()
    assert await told(still) == [("queued", 1), ("failed", 2)]
    events = await still.recorded()
    assert "no such user" not in str(events[-1].data), "the other side's words may hold an address"


async def test_refused_for_now_is_tried_again_after_a_pause_and_then_sent(still: Harness) -> None:
    script = Scripted()
    later = Outcome.deferred("smtp_451", "later")
    await queued(still, script, later, later)
    worker = sender(still, script, pauses_s=(0, 0))
    assert await worker.send_next()
    row = await only_message(still)
    assert (row["status"], row["held"], row["attempt_id"]) == ("queued", True, None)
    assert not await worker.send_next(), "a pausing message is no sender's"
    assert await do_due(still) == 1
    assert await worker.send_next()
    assert await do_due(still) == 1
    assert await worker.send_next()
    assert (await only_message(still))["status"] == "sent"
    assert len(script.emails) == 3
    assert await told(still) == [("queued", 1), ("sent", 2)], "a pause is nobody's news"


async def test_pauses_end_in_failure(still: Harness) -> None:
    script = Scripted()
    await queued(still, script, *[Outcome.deferred("smtp_451", "later")] * 9)
    worker = sender(still, script, pauses_s=(0, 0))
    while await worker.send_next() or await do_due(still):
        pass
    row = await only_message(still)
    assert (row["status"], row["error"], row["attempts"]) == ("failed", "smtp_451", 3)
    assert len(script.emails) == 3


@pytest.mark.parametrize("answer", [Outcome.unknown("smtp_silent", "timed out"), RuntimeError("adapter broke")])
async def test_silence_is_uncertain_and_never_sent_again_by_itself(still: Harness, answer: Outcome | Exception) -> None:
    script = Scripted()
    await queued(still, script, answer)
    worker = sender(still, script)
    assert await worker.send_next()
    row = await only_message(still)
    assert row["status"] == "uncertain"
    assert await do_due(still) == 0
    assert not await worker.send_next()
    assert len(script.emails) == 1
    assert await told(still) == [("queued", 1), ("became_uncertain", 2)]


async def test_a_channel_that_hangs_longer_than_the_lease_is_uncertain(still: Harness) -> None:
    await queued(still)

    @dataclass
    class Hanging:
        async def send(self, email: OutgoingEmail) -> Outcome:
            await asyncio.Event().wait()
            raise AssertionError

    pace = Pace(timedelta(milliseconds=50), (), 0.05)
    assert await Sender(still.database, Channels(Hanging(), None), pace, asyncio.Event()).send_next()
    assert (await only_message(still))["status"] == "uncertain"


async def test_a_sender_that_died_leaves_an_uncertain_message_once_the_lease_is_over(still: Harness) -> None:
    script = Scripted()
    await queued(still, script)
    await cut_off(still)
    assert (await only_message(still))["status"] == "submitting"
    assert not await sender(still, script).send_next(), "nobody else may send it"
    assert await do_due(still) == 1
    row = await only_message(still)
    assert (row["status"], row["error"]) == ("uncertain", "cut_off")
    assert await told(still) == [("queued", 1), ("became_uncertain", 2)]
    assert not await sender(still, script).send_next()
    assert script.emails == []


async def test_the_lease_of_a_live_attempt_is_left_alone(still: Harness) -> None:
    await queued(still)
    with telling(Story.of_system("notifications")):
        async with still.database.transaction() as tx:
            await service.take(tx, timedelta(minutes=1), now())
    assert await do_due(still) == 0
    assert (await only_message(still))["status"] == "submitting"


async def test_a_service_that_starts_settles_what_was_cut_off_before(
    make_database: Callable[[str], str], make_vhost: Callable[[], str]
) -> None:
    """What a kill leaves is a committed row and its lease; any process that comes up afterwards finds both."""
    script = Scripted()
    where = {"database_url": make_database("notifications"), "amqp_url": make_vhost()}
    async with running(wiring, NotificationsSettings, **where, role="api") as killed:
        await queued(killed, script)
        await cut_off(killed)
    async with running(lambda settings: wiring(settings, script.channels), NotificationsSettings, **where) as started:

        async def uncertain() -> bool:
            return bool(await started.rows("SELECT 1 FROM message WHERE status = 'uncertain'"))

        await eventually(uncertain)
    assert script.emails == []


async def test_the_answer_of_a_sender_thought_dead_still_counts(still: Harness) -> None:
    await queued(still)
    attempt = await cut_off(still)
    await do_due(still)
    with telling(Story.of_system("notifications")):
        async with still.database.transaction() as tx:
            await service.record_answer(tx, attempt, Outcome.accepted("late"), (), now())
    assert (await only_message(still))["status"] == "sent"
    assert await told(still) == [("queued", 1), ("became_uncertain", 2), ("sent", 3)]


@dataclass
class Flickering:
    """A database that is away for the second and third transaction."""

    real: Database
    transactions: int = 0
    service: str = "notifications"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self.transactions += 1
        if self.transactions in (2, 3):
            raise ConnectionRefusedError
        async with self.real.transaction() as tx:
            yield tx


async def test_an_answer_outlives_a_database_that_is_away(still: Harness) -> None:
    script = Scripted()
    await queued(still, script)
    database: Any = Flickering(still.database)
    pace = Pace(timedelta(minutes=1), (), 0.05)
    assert await Sender(database, script.channels, pace, asyncio.Event()).send_next()
    assert database.transactions == 4
    assert (await only_message(still))["status"] == "sent"
    assert len(script.emails) == 1


async def test_many_senders_send_each_message_once(still: Harness) -> None:
    script = Scripted()
    people = [await card(still) for _ in range(12)]
    for person in people:
        await command(still, order(person))
    workers = [sender(still, script) for _ in range(4)]

    async def drain(worker: Sender) -> None:
        while await worker.send_next():
            pass

    await asyncio.gather(*(drain(worker) for worker in workers))
    assert sorted(email.to for email in script.emails) == sorted(f"{person.hex}@example.com" for person in people)


async def test_a_message_past_its_time_fails_instead_of_arriving_late(still: Harness) -> None:
    script = Scripted()
    await queued(still, script, not_after=now() + timedelta(hours=1))
    async with still.database.transaction() as tx:
        await tx.connection.exec_driver_sql("UPDATE message SET not_after = now() - interval '1 second'")
    assert await sender(still, script).send_next()
    row = await only_message(still)
    assert (row["status"], row["error"]) == ("failed", "too_late")
    assert script.emails == []
    assert await told(still) == [("queued", 1), ("failed", 2)]


async def test_a_channel_nobody_set_up_fails_by_name(still: Harness) -> None:
    await queued(still)
    worker = Sender(still.database, Channels(None, None), Pace(timedelta(minutes=1), (), 0.05), asyncio.Event())
    assert await worker.send_next()
    assert (await only_message(still))["error"] == "channel_not_set_up"


async def test_stopping_waits_for_the_message_under_way(still: Harness) -> None:
    await queued(still)
    begun, may_end = asyncio.Event(), asyncio.Event()

    @dataclass
    class Slow:
        async def send(self, email: OutgoingEmail) -> Outcome:
            begun.set()
            await may_end.wait()
            return Outcome.accepted()

    worker = Sender(still.database, Channels(Slow(), None), Pace(timedelta(minutes=1), (), 0.05), asyncio.Event())
    with telling(Story.of_system("notifications")):
        running = asyncio.create_task(worker.run())
    await begun.wait()
    running.cancel()
    may_end.set()
    await asyncio.wait([running])
    assert running.cancelled()
    assert (await only_message(still))["status"] == "sent"


@pytest.mark.parametrize(
    ("decision", "status", "error", "verb"),
    [
        ("sent", "sent", None, "sent"),
        ("failed", "failed", "declared_failed", "failed"),
        ("resend", "queued", None, "queued"),
    ],
)
async def test_a_person_decides_about_an_uncertain_message(
    still: Harness, decision: str, status: str, error: str | None, verb: str
) -> None:
    script = Scripted()
    await queued(still, script, Outcome.unknown("smtp_silent", "?"))
    await sender(still, script).send_next()
    answer = await decide(still, decision)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["error"], answer.json()["version"]) == (status, error, 3)
    assert (await told(still))[-1] == (verb, 3)
    assert await sender(still, script).send_next() is (decision == "resend")
    assert len(script.emails) == (2 if decision == "resend" else 1)
    if decision == "resend":
        assert (await only_message(still))["status"] == "sent"
        assert script.emails[0].id == script.emails[1].id, "mailboxes show a resent letter once"


async def test_a_decision_needs_the_right_the_version_and_an_uncertain_message(still: Harness) -> None:
    script, me = Scripted(), seller()
    await queued(still, script, Outcome.unknown("smtp_silent", "?"), owner_id=me.id)
    early = await decide(still, "sent")
    assert (early.status_code, early.json()["code"]) == (409, "not_uncertain")
    await sender(still, script).send_next()
    before = await told(still)
    row = await only_message(still)
    path = f"/api/v1/messages/{row['id']}/resolve"
    blind = await still.client.post(path, json={"as": "sent"}, headers=still.headers(me))
    assert blind.status_code == 428
    stale = await decide(still, "sent", version=1, caller=me)
    assert (stale.status_code, stale.json()["current"]["version"]) == (409, 2)
    assert (await decide(still, "maybe", caller=me)).status_code == 422
    assert (await decide(still, "sent", caller=seller())).status_code == 404
    assert (await decide(still, "sent", caller=nobody())).status_code == 404
    async with still.database.transaction() as tx:
        await tx.connection.exec_driver_sql("UPDATE message SET owner_id = NULL")
    unowned = await decide(still, "sent", caller=me)
    assert unowned.status_code == 403, "seen, but not a salesperson's to decide"
    assert await told(still) == before
    assert (await only_message(still))["status"] == "uncertain"


async def test_news_of_an_old_attempt_does_not_cancel_a_resend(still: Harness) -> None:
    script = Scripted()
    await queued(still, script, Outcome.unknown("smtp_silent", "?"))
    await sender(still, script).send_next()
    (old,) = await still.rows("SELECT id FROM attempt")
    await decide(still, "resend")
    with telling(Story.of_system("notifications")):
        async with still.database.transaction() as tx:
            assert await service.record_receipt(tx, old["id"], "failed", "x", now(), now()) == "queued"
        assert await sender(still, script).send_next()
        async with still.database.transaction() as tx:
            assert await service.record_receipt(tx, old["id"], "delivered", None, now(), now()) == "delivered"
    assert len(script.emails) == 2
