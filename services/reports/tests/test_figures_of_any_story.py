"""Whatever happened and however it was told: what the API says is what a second, plain telling of the events says."""

import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_chassis.testing import Harness, sales_head
from crm_reports.days import day_end
from crm_reports.funnel.rules import Outcome
from crm_reports.sales.rules import By
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from .by_hand import archived, forgotten
from .oracle import Oracle, Told
from .stories import Story, story

API = "/api/v1/reports"
HEAD = sales_head(("report", "pipeline"))
ZONE = ZoneInfo("Europe/Ljubljana")
FROM, TO = date(2026, 3, 29), date(2026, 5, 31)
DAYS = {"from": str(FROM), "to": str(TO)}


async def get(reports: Harness, url: str, asked: Mapping[str, Any] | None = None) -> Any:
    """The bytes of the answer."""
    answer = await reports.client.get(url, params=asked, headers=reports.headers(HEAD))
    assert answer.status_code == 200, answer.text
    return answer


async def records(reports: Harness, drill_down: str) -> list[dict[str, Any]]:
    """Every record behind a figure, two at a time."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = (await get(reports, f"{drill_down}&limit=2{cursor}")).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def plain(told: Told) -> tuple[int, dict[str, Decimal]]:
    """Number and money."""
    return told.count, told.amounts


def shown(figure: Mapping[str, Any]) -> tuple[int, dict[str, Decimal]]:
    """The same of an answer."""
    return figure["count"], {currency: Decimal(amount) for currency, amount in figure["amounts"].items()}


def days(told: Told) -> Decimal:
    """Mean days of closed deals, as exact as a float."""
    return Decimal(told.seconds / told.count / 86_400)


async def compare(reports: Harness, oracle: Oracle, told: Story, asked: Mapping[str, str]) -> None:
    """Every grouping of sales, and both pipelines, say what the oracle says."""
    for by in By:
        answer = (await get(reports, f"{API}/sales", {**DAYS, **asked, "by": by.value})).json()
        expected = oracle.sales(by.value, FROM, TO)
        groups = {group["key"]: group for group in answer["groups"]}
        assert set(groups) - {None} == set(expected) - {None}, by
        for key, group in groups.items():
            of_key = expected.get(key, {})
            for name in ("won", "lost", "created", "open"):
                if group[name] is not None:
                    assert shown(group[name]) == plain(of_key.get(name, Told())), (by, key, name)
            for name in ("won", "lost"):
                average = group[name]["average_days"]
                assert (average is None) == (name not in of_key)
                if average is not None:
                    assert abs(Decimal(average) - days(of_key[name])) <= Decimal("0.05001")
    for pipeline in told.pipelines:
        answer = (await get(reports, f"{API}/pipeline", {**asked, "pipeline_id": str(pipeline.id)})).json()
        found = {stage["stage_id"]: shown(stage) for stage in answer["stages"] if stage["count"]}
        assert found == {id: plain(each) for id, each in oracle.pipeline(pipeline.id).items()}


async def drill_down(reports: Harness, told: Story, by: By, asked: Mapping[str, str]) -> None:
    """Every figure of a grouping, of the pipelines and of the funnels is the number of its records."""
    figures = []
    sales = (await get(reports, f"{API}/sales", {**DAYS, **asked, "by": by.value})).json()
    for group in sales["groups"]:
        figures += [group[name] for name in ("won", "lost", "created", "open") if group[name]]
    for pipeline in told.pipelines:
        where = {**asked, "pipeline_id": str(pipeline.id)}
        figures += (await get(reports, f"{API}/pipeline", where)).json()["stages"]
        for stage in (await get(reports, f"{API}/funnel", {**DAYS, **where})).json()["stages"]:
            outcomes = [stage[outcome.value] for outcome in Outcome]
            assert stage["entered"]["count"] == sum(outcome["count"] for outcome in outcomes)
            figures += [stage["entered"], stage["re_entered"], *outcomes]
    for figure in figures:
        if not figure["count"]:
            continue
        behind = await records(reports, figure["drill_down"])
        assert len(behind) == len({orderless(record) for record in behind}) == figure["count"], figure
        amounts: dict[str, Decimal] = {}
        for record in behind:
            amounts[record["currency"]] = amounts.get(record["currency"], Decimal(0)) + Decimal(record["amount"])
        assert amounts == shown(figure)[1]


def orderless(record: Mapping[str, Any]) -> Any:
    """What tells a record from another."""
    return record.get("stage_entry_id") or record["deal_id"]


# A story made smaller is no clearer, and each costs a hundred requests.
@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32), by=st.sampled_from(By), as_of=st.dates(date(2026, 3, 1), date(2026, 6, 30)))
async def test_figures_are_those_of_the_events_however_told_and_later_ones_change_no_byte(
    by_hand: Harness, seed: int, by: By, as_of: date
) -> None:
    await forgotten(by_hand)
    told = story(random.Random(seed))
    stamps = await archived(by_hand, *told.first)
    horizon = {"as_of": as_of.isoformat()}
    before = day_end(as_of, ZONE)
    known_at = max(stamps.values())
    await compare(by_hand, Oracle(told.first, stamps, known_at, before, ZONE), told, horizon)

    fixed = {**horizon, "known_at": known_at.isoformat()}
    urls = [(f"{API}/sales", {**DAYS, **fixed, "by": each.value}) for each in By]
    urls += [(f"{API}/sales/records", {**DAYS, **fixed, "figure": each}) for each in ("won", "lost", "open", "created")]
    for pipeline in told.pipelines:
        where = {**fixed, "pipeline_id": str(pipeline.id)}
        urls += [(f"{API}/pipeline", where), (f"{API}/funnel", {**DAYS, **where})]
    answers = [(await get(by_hand, *url)).content for url in urls]

    stamps |= await archived(by_hand, *told.later) if told.later else {}
    known_at = max(stamps.values())
    await compare(by_hand, Oracle(told.first + told.later, stamps, known_at, before, ZONE), told, horizon)
    await drill_down(by_hand, told, by, horizon)
    for url, answer in zip(urls, answers, strict=True):
        assert (await get(by_hand, *url)).content == answer, url
