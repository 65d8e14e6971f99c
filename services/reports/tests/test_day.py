"""One's own day: the figures of the reports, about whoever asks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from crm_chassis.access.principal import Principal
from crm_chassis.testing import Harness, nobody, salesperson

from .company import Call, Deal, Pipeline, User, projected


async def own_day(reports: Harness, who: Principal) -> dict[str, Any]:
    """What the route answers."""
    answer = await reports.client.get("/api/v1/reports/day", headers=reports.headers(who))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_my_calls_of_today_and_what_i_won_this_month_each_with_its_records(reports: Harness) -> None:
    now = datetime.now(UTC) - timedelta(seconds=90)
    ana, eva, pipeline = User(), User(), Pipeline()
    won, hers = Deal(pipeline, ana.id, Decimal("300.00")), Deal(pipeline, eva.id, Decimal("7.00"))
    await projected(
        reports,
        pipeline.changed(now),
        *(user.told(now) for user in (ana, eva)),
        *(event for deal in (won, hers) for event in (deal.created(now), deal.moved("Won", now))),
        Call(ana.id, now).ended(ana.id, 5, 30),
        Call(ana.id, now, "out").ended(ana.id, 5, 20),
        Call(ana.id, now).missed(),
        Call(eva.id, now).missed(),
    )
    who = replace(salesperson(("report",)), id=ana.id)
    day = await own_day(reports, who)
    counts = {name: day["calls"][name]["count"] for name in ("in", "out", "answered", "missed")}
    assert counts == {"in": 2, "out": 1, "answered": 2, "missed": 1}
    assert (day["calls"]["talk_s"], day["calls"]["day"]) == (50, day["day"])
    assert (day["won"]["count"], day["won"]["amounts"]) == (1, {"EUR": "300.00"})
    for figure in (day["calls"]["missed"], day["won"]):
        records = await reports.client.get(figure["drill_down"], headers=reports.headers(who))
        assert len(records.json()["items"]) == figure["count"]


async def test_a_day_of_nothing_is_shown_and_without_the_right_there_is_none(reports: Harness) -> None:
    day = await own_day(reports, salesperson(("report",)))
    assert (day["calls"]["in"]["count"], day["won"]["count"], day["won"]["amounts"]) == (0, 0, {})
    day = await own_day(reports, nobody())
    assert (day["calls"], day["won"]) == (None, None)
