"""The archive on a real database, fed by a real broker."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, eventually, nobody, sales_head
from crm_contracts.catalogue import EVENTS
from crm_contracts.envelope import Envelope, Lane
from crm_reports.archive import repository
from crm_reports.archive.models import event_pii
from crm_reports.archive.partitions import ensure_months
from crm_reports.archive.rules import lowest_id
from crm_reports.archive.service import Archivist

from .company import Call, Deal, Pipeline, User, projected

NOON = datetime(2026, 5, 4, 10, tzinfo=UTC)


def asleep() -> None:
    """A projector that needs no waking."""


async def archive(reports: Harness, *events: Envelope) -> None:
    """The events handed to the one writer, past the broker."""
    async with reports.database.transaction() as tx:
        await Archivist(asleep)(tx, events)


async def kept(reports: Harness, *events: Envelope) -> list[dict[str, Any]]:
    """What the archive holds of the events, in order of position."""
    return await reports.rows(
        "SELECT * FROM event_archive WHERE id = ANY(:ids) ORDER BY position", ids=[event.id for event in events]
    )


async def status(reports: Harness) -> dict[str, Any]:
    """What operations see."""
    answer = await reports.client.get(
        "/api/v1/reports/archive/status", headers=reports.headers(admin(("dead_letter",)))
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_every_event_of_the_catalogue_is_archived(reports: Harness) -> None:
    events = [
        reports.event(type_, {"id": str(id := new_id()), "pii": {"name": "Ana"}}, subject=type_.split(".")[1], id=id)
        for type_ in EVENTS
    ]
    await reports.deliver(*events)
    rows = await eventually(lambda: _all_kept(reports, events))
    assert {row["type"] for row in rows} == set(EVENTS)


async def _all_kept(reports: Harness, events: list[Envelope]) -> list[dict[str, Any]]:
    rows = await kept(reports, *events)
    return rows if len(rows) == len(events) else []


async def test_redelivery_adds_nothing(reports: Harness) -> None:
    first, second = User().told(NOON), User().told(NOON)
    await projected(reports, first, second, first, first)
    before = await kept(reports, first, second)
    conflicts = (await status(reports))["conflicts"]
    await projected(reports, second, first, User().told(NOON))
    assert await kept(reports, first, second) == before
    assert len(before) == 2
    assert (await status(reports))["conflicts"] == conflicts


async def test_the_same_id_with_another_body_is_counted_and_the_first_kept(reports: Harness) -> None:
    event = User().told(NOON)
    await archive(reports, event)
    before, conflicts = await kept(reports, event), (await status(reports))["conflicts"]
    other_data = event.model_copy(update={"data": event.data | {"role": "admin"}})
    other_pii = event.model_copy(update={"data": event.data | {"pii": {"name": "Eva", "email": "e@example.com"}}})
    other_time = event.model_copy(update={"time": NOON + timedelta(seconds=1)})
    await archive(reports, other_data, other_pii, other_time)
    assert await kept(reports, event) == before
    assert (await status(reports))["conflicts"] == conflicts + 3


async def test_two_bodies_under_one_id_in_the_same_batch_are_a_conflict_too(reports: Harness) -> None:
    event, conflicts = User().told(NOON), (await status(reports))["conflicts"]
    await archive(reports, event, event.model_copy(update={"sequence": 9}), event)
    (row,) = await kept(reports, event)
    assert row["sequence"] == 1
    assert (await status(reports))["conflicts"] == conflicts + 1


async def test_a_repaired_gap_or_a_replay_of_an_event_is_no_conflict(reports: Harness) -> None:
    event, conflicts = User().told(NOON), (await status(reports))["conflicts"]
    await archive(reports, event)
    await archive(reports, event.model_copy(update={"lane": Lane.BULK, "replay": True, "hops": 3}))
    assert (await status(reports))["conflicts"] == conflicts


async def test_personal_data_is_kept_apart_by_subject(reports: Harness) -> None:
    event = Call(new_id(), NOON).rang()
    await archive(reports, event)
    (row,) = await kept(reports, event)
    assert "pii" not in row["data"]
    assert "+38640123456" not in str(row)
    (personal,) = await reports.rows("SELECT * FROM event_pii WHERE subject_id = :id", id=event.subject_id)
    assert personal["event_id"] == event.id
    assert personal["pii"] == event.data["pii"]
    assert row["data"] | {"pii": personal["pii"]} == event.data


async def test_redelivery_after_erasure_brings_nothing_back(reports: Harness) -> None:
    event, conflicts = User().told(NOON), (await status(reports))["conflicts"]
    await archive(reports, event)
    async with reports.database.transaction() as tx:
        await tx.execute(sa.update(event_pii).where(event_pii.c.event_id == event.id).values(pii=None))
    await archive(reports, event)
    assert await reports.rows("SELECT pii FROM event_pii WHERE event_id = :id", id=event.id) == [{"pii": None}]
    assert (await status(reports))["conflicts"] == conflicts


async def test_archived_at_never_goes_back_even_if_the_clock_does(reports: Harness) -> None:
    first, second = User().told(NOON), User().told(NOON)
    await archive(reports, first)
    async with reports.database.transaction() as tx:  # as if the clock had been 2 s ahead until now
        await tx.connection.exec_driver_sql("UPDATE archive_head SET stamp = stamp + interval '2 seconds'")
    (head,) = await reports.rows("SELECT stamp FROM archive_head")
    await archive(reports, second)
    before, after = await kept(reports, first, second)
    assert before["archived_at"] < head["stamp"] < after["archived_at"]


async def test_writers_at_once_leave_no_gap_and_one_order_by_position_and_time(reports: Harness) -> None:
    batches = [[User().told(NOON) for _ in range(7)] for _ in range(8)]
    await asyncio.gather(*(archive(reports, *batch) for batch in batches))
    await asyncio.gather(*(archive(reports, *reversed(batch)) for batch in batches))
    rows = await reports.rows("SELECT position, archived_at FROM event_archive ORDER BY position")
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    times = [row["archived_at"] for row in rows]
    assert times == sorted(set(times))


async def test_a_moment_asked_about_waits_for_the_write_in_flight(reports: Harness) -> None:
    """Else the write could stamp its events before that moment and show them after the answer was given."""
    event = User().told(NOON)

    async def seal(until: datetime) -> int:
        async with reports.database.read() as connection:
            return await repository.seal(connection, until)

    async def waiting() -> list[dict[str, Any]]:
        return await reports.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'stamp'")

    async with reports.database.transaction() as tx:
        head = await repository.lock_head(tx)
        sealing = asyncio.create_task(seal(head.stamp + timedelta(seconds=1)))
        await eventually(waiting)
        await Archivist(asleep)(tx, [event])
    (row,) = await kept(reports, event)
    assert await sealing == row["position"]


async def test_events_lie_in_the_partition_of_the_month_their_id_was_minted_in(reports: Harness) -> None:
    event = User().told(NOON)
    await archive(reports, event)
    (row,) = await reports.rows(
        "SELECT tableoid::regclass::text AS name FROM event_archive WHERE id = :id", id=event.id
    )
    assert row["name"] == f"event_archive_{datetime.now(UTC):%Y_%m}"


async def test_partitions_are_made_ahead(reports: Harness) -> None:
    rows = await reports.rows(
        "SELECT relname FROM pg_class WHERE relname ~ '^event_archive_[0-9]+_[0-9]+$' AND relkind = 'r'"
    )
    assert len(rows) >= 5
    ahead = datetime.now(UTC).date().replace(day=1) + timedelta(days=80)
    assert f"event_archive_{ahead:%Y_%m}" in {row["relname"] for row in rows}


async def test_what_the_default_partition_caught_moves_when_its_month_is_made(reports: Harness) -> None:
    month = date(2041, 2, 1)
    early = User().told(NOON).model_copy(update={"id": UUID(int=lowest_id(month).int + 77)})
    await archive(reports, early)
    assert await _partition_of(reports, early) == "event_archive_default"
    async with reports.database.transaction() as tx:
        made = await ensure_months(tx, date(2041, 2, 20))
        again = await ensure_months(tx, date(2041, 2, 20))
    assert made == [date(2041, 1, 1), month, date(2041, 3, 1), date(2041, 4, 1), date(2041, 5, 1)]
    assert again == []
    assert await _partition_of(reports, early) == "event_archive_2041_02"
    conflicts = (await status(reports))["conflicts"]
    await archive(reports, early)
    assert len(await kept(reports, early)) == 1
    assert (await status(reports))["conflicts"] == conflicts


async def _partition_of(reports: Harness, event: Envelope) -> str:
    (row,) = await reports.rows(
        "SELECT tableoid::regclass::text AS name FROM event_archive WHERE id = :id", id=event.id
    )
    return str(row["name"])


async def test_the_status_says_how_far_archive_and_figures_are(reports: Harness) -> None:
    last = await projected(reports, User().told(NOON))
    shown = await status(reports)
    assert shown["position"] == shown["projection"]["position"]
    assert shown["archived_at"] == shown["projection"]["archived_at"] == last.isoformat().replace("+00:00", "Z")
    assert shown["projection"]["lag_events"] == 0
    assert shown["rebuilding"] is None

    async def measured() -> bool:  # the projector measures after the work that the status already tells of
        metrics = (await reports.client.get("/metrics")).text
        position = f"crm_reports_archive_position {float(shown['position'])}\n"
        return position in metrics and "crm_reports_projector_lag_events 0.0\n" in metrics

    await eventually(measured)


async def test_only_operators_see_the_status(reports: Harness) -> None:
    for principal in (nobody(), sales_head(("report",))):
        answer = await reports.client.get("/api/v1/reports/archive/status", headers=reports.headers(principal))
        assert answer.status_code == 403
    assert (await reports.client.get("/api/v1/reports/archive/status")).status_code == 401


async def test_reports_records_no_event_and_causes_no_effect(reports: Harness) -> None:
    pipeline, owner = Pipeline(), User()
    deal = Deal(pipeline, owner.id)
    live = [pipeline.changed(NOON), owner.told(NOON), deal.created(NOON), deal.moved("Offer", NOON)]
    bulk = Deal(pipeline, owner.id).created(NOON).model_copy(update={"lane": Lane.BULK})
    replayed = Deal(pipeline, owner.id).created(NOON).model_copy(update={"replay": True})
    await projected(reports, *live, bulk, replayed)
    assert await reports.recorded() == []
    for table in ("inbox", "due_work", "dead_letter"):
        assert await reports.rows(f"SELECT 1 FROM {table}") == []  # noqa: S608
