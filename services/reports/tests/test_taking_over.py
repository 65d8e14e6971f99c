"""Code of before projected on this database, and may still do so: what it left out is completed by ours."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, sales_head
from crm_contracts.envelope import Envelope
from crm_reports import horizon
from crm_reports.archive.service import Archivist
from crm_reports.projections import repository, service
from crm_reports.projections.models import deal_version, membership, pipeline_version, stage_entry
from crm_reports.projections.rules import project
from sqlalchemy.dialects.postgresql import insert

from .by_hand import archived, forgotten
from .company import DAY, Deal, Pipeline, Product, Team, User, dump, utc
from .test_projection_rules import archived as as_archived

START = utc("2026-05-04 10:00")
KNOWN_BEFORE = (stage_entry, deal_version, pipeline_version, membership)
ANSWERED = {"from": "2026-05-01", "to": "2026-05-31", "by": "office"}


def season() -> list[Envelope]:
    """A deal won of a product in an office, and one that is no more."""
    team, product, pipeline = Team("Koper"), Product(), Pipeline()
    ana = User(team.id)
    won, gone = Deal(pipeline, ana.id, company_id=new_id(), lines=[(product.id, "100.00")]), Deal(pipeline, ana.id)
    return [
        *(each.told(START - DAY) for each in (team, ana, product)),
        pipeline.changed(START),
        won.created(START),
        gone.created(START),
        won.moved("Won", START + DAY),
        gone.removed(START + DAY),
    ]


async def projected_by_code_of_before(reports: Harness, events: Sequence[Envelope]) -> None:
    """The events are archived; the live generation took them in without knowing what we know."""
    async with reports.database.transaction() as tx:
        await Archivist(lambda: None)(tx, events)
        live = await repository.lock_live(tx)
        rows = await tx.execute(sa.text("SELECT id, archived_at FROM event_archive"))
        stamps = {row.id: row.archived_at for row in rows}
        for event in events:
            for row in project(as_archived(event)):
                table = next((table for table in KNOWN_BEFORE if table.name == row.table), None)
                if table is not None:
                    told = row.values | {"generation": live.generation, "archived_at": stamps[event.id]}
                    known = {name: value for name, value in told.items() if name not in ("company_id", "lines")}
                    await tx.execute(insert(table).values(known).on_conflict_do_nothing())
        await tx.execute(
            sa.text(
                "UPDATE projection_generation SET position = (SELECT max(position) FROM event_archive), "
                "archived_at = (SELECT max(archived_at) FROM event_archive)"
            )
        )


async def test_what_code_of_before_projected_is_completed_as_if_ours_had_read_it(by_hand: Harness) -> None:
    await forgotten(by_hand)
    events = season()
    await projected_by_code_of_before(by_hand, events[:6])
    incomplete = await dump(by_hand)
    await archived(by_hand)
    await projected_by_code_of_before(by_hand, events[6:])  # it runs on beside us
    await archived(by_hand)
    taken_over = await dump(by_hand)
    (generation,) = await by_hand.rows("SELECT position, completed FROM projection_generation")
    assert generation["position"] == generation["completed"] == len(events)
    async with by_hand.database.transaction() as tx:
        await service.begin_rebuild(tx)
    await archived(by_hand)
    assert await dump(by_hand) == taken_over != incomplete
    head = sales_head(("report",))
    answer = await by_hand.client.get("/api/v1/reports/sales", params=ANSWERED, headers=by_hand.headers(head))
    (office,) = answer.json()["groups"]
    assert (office["key"], office["won"]["count"], office["created"]["count"]) == ("Koper", 1, 1)


async def test_until_they_are_complete_sales_wait_and_the_funnel_does_not(
    by_hand: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await forgotten(by_hand)
    monkeypatch.setattr(horizon, "_LOOKS", 2)
    events = season()
    await projected_by_code_of_before(by_hand, events)
    headers = by_hand.headers(sales_head(("report", "pipeline")))
    behind = await by_hand.client.get("/api/v1/reports/sales", params=ANSWERED, headers=headers)
    assert behind.status_code == 503
    week = {"from": "2026-05-01", "to": "2026-05-31", "pipeline_id": events[3].data["id"]}
    assert (await by_hand.client.get("/api/v1/reports/funnel", params=week, headers=headers)).status_code == 200
    await archived(by_hand)
    assert (await by_hand.client.get("/api/v1/reports/sales", params=ANSWERED, headers=headers)).status_code == 200
