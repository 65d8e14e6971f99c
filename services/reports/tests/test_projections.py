"""Figures follow the archive; made anew from it they are the same, byte for byte."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually, running
from crm_contracts.envelope import Envelope
from crm_reports.archive.service import Archivist
from crm_reports.main import wiring
from crm_reports.projections import repository, service, worker
from crm_reports.projections.rebuild import rebuild, rebuild_now
from crm_reports.settings import ReportsSettings

from .company import DAY, OPEN_STAGES, Call, Deal, Pipeline, User, dump, projected

START = datetime(2026, 5, 4, 10, tzinfo=UTC)


def company(seed: int) -> list[Envelope]:
    """Two weeks of a small company, in the order in which things happened."""
    dice = random.Random(seed)
    pipeline = Pipeline()
    users = [User(team_id=new_id()) for _ in range(3)]
    events = [pipeline.changed(START), *(user.told(START) for user in users)]
    for number in range(12):
        at = START + DAY * number
        deal = Deal(pipeline, dice.choice(users).id)
        events.append(deal.created(at))
        for _ in range(dice.randrange(4)):
            at += timedelta(hours=dice.randrange(1, 9))
            stage = dice.choice([*OPEN_STAGES, "Won", "Lost"])
            events.append(dice.choice([deal.moved(stage, at), deal.worth(f"{dice.randrange(10**5)}.50", at)]))
        call = Call(users[0].id, at)
        events += [call.rang(), dice.choice([call.missed(), call.ended(users[1].id, 3, 40)])]
    users[0].team_id = new_id()
    events.append(users[0].told(START + 5 * DAY))
    return sorted(events, key=lambda event: (event.time, event.sequence))


async def generation(reports: Harness) -> int:
    """The number of the live generation."""
    (row,) = await reports.rows("SELECT generation FROM projection_generation WHERE state = 'live'")
    return int(row["generation"])


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_rebuild_after_shuffled_and_duplicated_delivery_is_equal_byte_for_byte(
    reports: Harness, seed: int
) -> None:
    dice = random.Random(seed)
    events = company(seed)
    delivered = events + dice.choices(events, k=20)
    dice.shuffle(delivered)
    await projected(reports, *delivered)
    before, old = await dump(reports), await generation(reports)
    new = await rebuild(reports.database)
    assert await generation(reports) == new != old
    assert await dump(reports) == before
    assert len(before) > 10_000


async def test_batches_of_any_size_make_the_same_projections(reports: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    await projected(reports, *company(3))
    before = await dump(reports)
    monkeypatch.setattr(service.advance, "__defaults__", (7,))
    await rebuild(reports.database)
    assert await dump(reports) == before


async def test_a_rebuild_while_events_arrive_misses_none(reports: Harness) -> None:
    events = company(4)
    await projected(reports, *events[:10])

    async def arriving() -> None:
        for event in events[10:]:
            await projected(reports, event)

    await asyncio.gather(arriving(), rebuild(reports.database), rebuild(reports.database))
    before = await dump(reports)
    assert all(str(event.id).encode() in before for event in events)
    await rebuild(reports.database)
    assert await dump(reports) == before


async def test_a_generation_the_live_one_has_overtaken_does_not_replace_it_yet(
    make_database: Callable[[str], str], make_vhost: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def archived_and_projected(reports: Harness, *events: Envelope) -> None:
        async with reports.database.transaction() as tx:
            await Archivist(lambda: None)(tx, events)
        live = await generation(reports)
        async with reports.database.transaction() as tx:
            await service.advance(tx, live, 10_000)

    by_hand = running(wiring, ReportsSettings, database_url=make_database("reports"), amqp_url=make_vhost(), role="api")
    async with by_hand as reports:
        await archived_and_projected(reports, *company(7))
        old, lock_live = await generation(reports), repository.lock_live
        async with reports.database.transaction() as tx:
            new = await service.begin_rebuild(tx)

        async def meanwhile_overtaken(tx: Transaction) -> repository.Generation:
            await archived_and_projected(reports, User().told(START))
            return await lock_live(tx)

        monkeypatch.setattr(repository, "lock_live", meanwhile_overtaken)
        async with reports.database.transaction() as tx:
            await service.advance(tx, new, 10_000)
        assert await generation(reports) == old
        monkeypatch.undo()
        before = await dump(reports)
        async with reports.database.transaction() as tx:
            await service.advance(tx, new, 10_000)
        assert await generation(reports) == new
        assert await dump(reports) == before


async def test_a_rebuild_left_half_way_is_finished_by_the_service(reports: Harness) -> None:
    await projected(reports, *company(5))
    before = await dump(reports)
    async with reports.database.transaction() as tx:
        begun = await service.begin_rebuild(tx)
        assert await service.begin_rebuild(tx) == begun

    async def swapped() -> bool:
        return await generation(reports) == begun

    await eventually(swapped)
    assert await dump(reports) == before


async def test_what_a_retired_generation_left_is_cleared_away(reports: Harness) -> None:
    await projected(reports, *company(6))
    live = await rebuild(reports.database)

    async def cleared() -> bool:
        left = await reports.rows(
            "SELECT generation FROM projection_generation UNION SELECT generation FROM stage_entry "
            "UNION SELECT generation FROM call_version"
        )
        return left == [{"generation": live}]

    await eventually(cleared)


async def test_an_event_no_figure_can_read_stops_none_after_it(reports: Harness) -> None:
    deal = Deal(Pipeline(), new_id())
    broken: Any = deal.created(START)
    broken = broken.model_copy(update={"data": broken.data | {"amount": "a lot"}})
    moved = deal.moved("Offer", START + DAY)
    await projected(reports, broken, moved)
    rejects = await reports.rows("SELECT reason FROM projection_reject WHERE event_id = :id", id=broken.id)
    assert rejects == [{"reason": "amount: decimal_parsing"}]
    assert await reports.rows("SELECT 1 AS one FROM stage_entry WHERE event_id = :id", id=moved.id) == [{"one": 1}]


async def test_an_event_is_in_the_projections_within_five_seconds(reports: Harness) -> None:
    call = Call(new_id(), START)
    await reports.deliver(call.rang())

    async def shown() -> Any:
        return await reports.rows("SELECT 1 FROM call_version WHERE call_id = :id", id=call.id)

    await eventually(shown, timeout=5)


async def test_the_projector_is_woken_and_does_not_wait_for_its_next_look(
    reports: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_POLL_S", 600)
    await projected(reports, User().told(START))  # after this one, no look is planned for ten minutes
    await projected(reports, User().told(START))


async def test_the_command_rebuild_makes_a_new_generation_live(reports: Harness) -> None:
    await projected(reports, *company(8))
    before, old = await dump(reports), await generation(reports)
    await rebuild_now(reports.runtime.settings)
    assert await generation(reports) != old
    assert await dump(reports) == before
