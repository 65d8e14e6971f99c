"""The timeline made anew beside the one in use: what an archive of the test's own tells, and what happens meanwhile."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, eventually, running
from crm_contacts.main import wiring
from crm_contacts.settings import ContactsSettings
from crm_contacts.timeline import rebuild
from crm_contracts import contacts as events
from crm_contracts import deals
from crm_contracts.archive import REBUILD_TIMELINE, REPLAY, TIMELINE_REPLAY, RebuildTimeline, Replay, ReplayedTo
from crm_contracts.base import Removed
from crm_contracts.envelope import Envelope

Json = dict[str, Any]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS, "person:merge")
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
async def contacts(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Harness]:
    """A service of this module's own: an archive that tells its timeline must know all of it."""
    async with running(
        wiring, ContactsSettings, database_url=make_database("contacts"), amqp_url=make_vhost()
    ) as harness:
        yield harness


class Archive:
    """All that was ever told, in order; the position of an event is its place."""

    def __init__(self, contacts: Harness) -> None:
        self.contacts = contacts
        self.events: list[Envelope] = []

    async def told(self, *events: Envelope) -> None:
        """The events happen now: the service hears them, and they are archived."""
        await self.contacts.deliver(*events)
        self.events += events
        await self.contacts.idle("contacts.timeline", "contacts.capture")

    async def order(self) -> UUID:
        """A rebuild has begun; answers its run."""
        order = self.contacts.event(REBUILD_TIMELINE, RebuildTimeline(), subject="command", id=new_id(), sequence=0)
        await self.contacts.deliver(order, order, queue=REBUILD_TIMELINE)
        await eventually(lambda: self.contacts.rows("SELECT 1 FROM timeline_rebuild WHERE run = :run", run=order.id))
        return order.id

    async def asked(self, run: UUID) -> list[int]:
        """The positions from which the archive was asked to go on, in order."""
        orders = [Replay.model_validate(event.data) for event in await self.contacts.recorded(REPLAY)]
        assert {order.to_queue for order in orders} <= {TIMELINE_REPLAY}
        return [order.after for order in orders if order.run == run]

    async def tell(self, run: UUID, events: Sequence[Envelope], position: int, *, end: bool) -> None:
        """A portion and its mark."""
        mark = ReplayedTo(run=run, position=position, end=end)
        message = self.contacts.event(TIMELINE_REPLAY, mark, subject="command", id=new_id(), sequence=0)
        again = [event.model_copy(update={"replay": True}) for event in events]
        await self.contacts.deliver(*again, message, queue=TIMELINE_REPLAY)

    async def tell_all(self, run: UUID) -> None:
        """Everything, in two portions; the rebuild is over afterwards."""
        half = len(self.events) // 2
        await self.tell(run, self.events[:half], half, end=False)
        await eventually(lambda: self._was_asked(run, half))
        await self.tell(run, self.events[half:], len(self.events), end=True)
        await eventually(self.is_over)

    async def is_over(self) -> bool:
        """No timeline is being made."""
        return not await self.contacts.rows("SELECT 1 FROM timeline_rebuild")

    async def _was_asked(self, run: UUID, after: int) -> bool:
        return after in await self.asked(run)


@pytest.fixture(scope="module")
def archive(contacts: Harness) -> Archive:
    """One archive, as there is one timeline."""
    return Archive(contacts)


async def timeline(contacts: Harness) -> list[Json]:
    """Every row in use."""
    items = await contacts.rows("SELECT to_jsonb(item) AS row FROM timeline_item item ORDER BY id")
    kept = await contacts.rows("SELECT to_jsonb(deal) AS row FROM timeline_deal deal ORDER BY deal_id")
    return [row["row"] for row in items + kept]


async def table(contacts: Harness) -> int:
    """Which table is in use."""
    (row,) = await contacts.rows("SELECT 'public.timeline_item'::regclass::oid::int AS oid")
    return int(row["oid"])


@pytest.fixture
def opened(contacts: Harness, deal: Any) -> Callable[..., Envelope]:
    """The event of a deal being opened."""

    def build(person_id: str, **fields: Any) -> Envelope:
        state = deal(person_id=person_id, **fields)
        return contacts.event(deals.DEAL_CREATED, state, subject="deal", id=state.id, sequence=state.version, time=NINE)

    return build


async def test_what_happens_during_a_rebuild_is_on_the_timeline_before_and_after_it(
    contacts: Harness, archive: Archive, call: Any, ring: Any, enter: Any, card_of: Any, opened: Any
) -> None:
    winner, loser = [await enter(HEAD, name=name) for name in ("Winner", "Loser")]
    early, late = call(), call(phone="+38640555001")
    await archive.told(opened(loser["id"]), ring(early))
    old, archived = await table(contacts), len(archive.events)
    run = await archive.order()
    assert await archive.asked(run) == [0]

    # None of this is archived before the swap; the timeline hears of the call before it has a card.
    await contacts.deliver(ring(late), queue="contacts.timeline")
    await contacts.idle("contacts.timeline")
    await archive.told(ring(late), opened(winner["id"]), opened(loser["id"]))
    ended = early.model_copy(update={"version": 2, "phase": "ended", "talk_s": 5})
    await archive.told(ring(ended, time=NINE + timedelta(minutes=3)))
    await contacts.client.post(
        f"/api/v1/people/{winner['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(HEAD)
    )
    before = await timeline(contacts)
    people = {str((await card_of(one.id))["id"]) for one in (early, late)} | {winner["id"]}
    assert {row["person_id"] for row in before} == people

    await archive.tell(run, archive.events[:archived], archived, end=True)
    await eventually(archive.is_over)
    assert await table(contacts) != old
    assert await timeline(contacts) == before


@pytest.mark.parametrize("kind", ["note", "file"])
async def test_notes_and_files_are_on_a_timeline_made_anew_as_they_were_and_deleted_ones_are_not(
    contacts: Harness, archive: Archive, enter: Any, opened: Any, kind: str
) -> None:
    person = await enter(HEAD)
    deal = opened(person["id"])
    made, ended = {
        "note": (events.NOTE_CREATED, events.NOTE_REMOVED),
        "file": (events.FILE_ADDED, events.FILE_REMOVED),
    }[kind]

    def put(subject: str, subject_id: object) -> Envelope:
        about = {"subject": subject, "subject_id": subject_id, "owner_id": None}
        moments = {"created_at": NINE, "updated_at": NINE}
        state: Json = {"id": new_id(), "author_id": new_id(), "version": 1}
        own: Json = {"size": 7, "media_type": "image/png", "pii": {"name": "a.png"}}
        if kind == "note":
            own = {"pii": {"text": "A note"}}
        model = events.NoteState if kind == "note" else events.FileState
        data: Any = model.model_validate(about | moments | state | own)
        return contacts.event(made, data, subject=kind, id=data.id, time=NINE)

    on_person, on_deal, deleted = put("person", person["id"]), put("deal", deal.subject_id), put("person", new_id())
    end = {name: deleted.data[name] for name in ("id", "subject", "subject_id", "owner_id")} | {"version": 2}
    removal = contacts.event(ended, end, subject=kind, id=deleted.subject_id, sequence=2)
    await archive.told(on_person, deleted, on_deal, removal, deal)
    old, before = await table(contacts), await timeline(contacts)
    of_person = [row["id"] for row in before if row.get("person_id") == person["id"] and row.get("kind") == kind]
    assert set(of_person) == {str(event.subject_id) for event in (on_person, on_deal)}
    await archive.tell_all(await archive.order())
    assert await table(contacts) != old
    assert await timeline(contacts) == before


async def test_the_swap_waits_for_what_is_in_use_and_not_archived_yet(
    contacts: Harness, archive: Archive, call: Any, ring: Any
) -> None:
    await archive.told(ring(call(phone="+38640555002")))
    old, before = await table(contacts), await timeline(contacts)
    run = await archive.order()
    known = len(archive.events) - 1
    await archive.tell(run, archive.events[:known], known, end=True)

    async def asked_for_the_rest() -> bool:
        return known in await archive.asked(run)

    await eventually(asked_for_the_rest)
    assert await table(contacts) == old
    await archive.tell(run, archive.events[known:], known + 1, end=True)
    await eventually(archive.is_over)
    assert await timeline(contacts) == before


async def test_a_moment_told_too_late_does_not_slip_through_the_swap(
    contacts: Harness, archive: Archive, call: Any, ring: Any
) -> None:
    """The first event of a call is not archived yet, its second comes during the rebuild."""
    state = call(phone="+38640555003")
    await archive.told(ring(state))
    run = await archive.order()
    newer = state.model_copy(update={"version": 2, "talk_s": 7})
    await archive.told(ring(newer, time=state.started_at + timedelta(minutes=2)))
    before = await timeline(contacts)
    without_the_first = [*archive.events[:-2], archive.events[-1]]
    await archive.tell(run, without_the_first, 1, end=True)

    async def asked_for_the_rest() -> bool:
        return 1 in await archive.asked(run)

    await eventually(asked_for_the_rest)
    await archive.tell(run, archive.events, 2, end=True)
    await eventually(archive.is_over)
    assert await timeline(contacts) == before


async def test_in_the_end_the_archive_has_the_last_word(
    contacts: Harness, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await timeline(contacts)
    async with contacts.database.transaction() as tx:
        await tx.connection.exec_driver_sql(
            "INSERT INTO timeline_item (id, kind, happened_at, sequence, correlation_id, data)"
            " VALUES (gen_random_uuid(), 'task', now(), 1, gen_random_uuid(), '{}')"
        )
    monkeypatch.setattr(rebuild, "PATIENCE", timedelta(0))
    await archive.tell_all(await archive.order())
    assert await timeline(contacts) == before


async def test_a_rebuild_under_way_while_a_migration_changes_the_table_begins_again(
    contacts: Harness, archive: Archive
) -> None:
    before = await timeline(contacts)
    run = await archive.order()
    async with contacts.database.transaction() as tx:
        await tx.connection.exec_driver_sql("ALTER TABLE timeline_item ADD COLUMN added text")
    await archive.tell(run, archive.events, len(archive.events), end=True)

    async def asked_from_the_beginning() -> bool:
        return await archive.asked(run) == [0, 0]

    await eventually(asked_from_the_beginning)
    await archive.tell_all(run)
    after = await timeline(contacts)
    assert [{name: value for name, value in row.items() if name != "added"} for row in after] == before
    assert any("added" in row for row in after)
    async with contacts.database.transaction() as tx:
        await tx.connection.exec_driver_sql("ALTER TABLE timeline_item DROP COLUMN added")


async def test_what_is_left_of_another_rebuild_ends_nothing(contacts: Harness, archive: Archive) -> None:
    before, old = await timeline(contacts), await table(contacts)
    await archive.tell(new_id(), archive.events, 10_000, end=True)
    await contacts.idle(TIMELINE_REPLAY)
    assert await contacts.rows("SELECT 1 FROM due_work WHERE kind = :kind", kind=rebuild.FINISH) == []
    given_up, run = await archive.order(), await archive.order()
    await archive.tell(given_up, archive.events, 10_000, end=True)
    await contacts.idle(TIMELINE_REPLAY)
    assert (await contacts.rows("SELECT run, position FROM timeline_rebuild")) == [{"run": run, "position": 0}]
    assert await table(contacts) == old
    await archive.tell_all(run)
    assert await timeline(contacts) == before


async def test_a_removed_deal_is_in_neither_timeline_whoever_tells_of_it_first(
    contacts: Harness, archive: Archive, enter: Any, opened: Any
) -> None:
    person = await enter(HEAD)
    before, during, told_by_the_archive = [opened(person["id"]) for _ in range(3)]

    def removed(event: Envelope) -> Envelope:
        data = Removed(id=event.subject_id, owner_id=None, version=2)
        return contacts.event(deals.DEAL_REMOVED, data, subject="deal", id=event.subject_id, sequence=2)

    await archive.told(before, during, told_by_the_archive)
    await archive.told(removed(before))
    run, half = await archive.order(), len(archive.events) - 1
    # Archived with its creation before it; the removals of the others are not archived yet, or not heard yet.
    await archive.tell(run, archive.events[:half], half, end=False)
    await contacts.idle(TIMELINE_REPLAY)
    await archive.told(removed(during))
    archive.events.append(removed(told_by_the_archive))
    await archive.tell(run, archive.events[half:], len(archive.events), end=True)
    await eventually(archive.is_over)
    gone = {event.subject_id for event in (before, during, told_by_the_archive)}
    for query in ("SELECT deal_id FROM timeline_item", "SELECT deal_id FROM timeline_deal"):
        assert not gone & {row["deal_id"] for row in await contacts.rows(query)}
    in_use = await timeline(contacts)
    # And again from nothing: also without what was remembered.
    await archive.tell_all(await archive.order())
    assert await timeline(contacts) == in_use
    async with contacts.database.transaction() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM removed")
    await archive.tell_all(await archive.order())
    assert await timeline(contacts) == in_use


async def test_a_replayed_call_makes_no_card(contacts: Harness, archive: Archive, call: Any, ring: Any) -> None:
    people = await contacts.rows("SELECT count(*) AS n FROM person")
    run = await archive.order()
    await archive.tell(run, [ring(call(phone="+38640555999"))], 1, end=False)
    await contacts.idle(TIMELINE_REPLAY)
    assert await contacts.rows("SELECT count(*) AS n FROM person") == people
