"""The funnel through the API, on a real database."""

import random
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, nobody, running, sales_head, salesperson, team_lead
from crm_reports.funnel.rules import Outcome
from crm_reports.main import wiring
from crm_reports.settings import ReportsSettings

from .company import DAY, Deal, Pipeline, User, projected, utc

FUNNEL = "/api/v1/reports/funnel"
OUTCOMES = [outcome.value for outcome in Outcome]
FIGURES = ["entered", "re_entered", *OUTCOMES]
HEAD = sales_head(("report", "pipeline"))
# Monday noon in Ljubljana.
START = utc("2026-05-04 10:00")


class Sales:
    """Two salespeople of two teams, and four deals with a history of a week."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()
        self.ana = User(team_id=new_id())
        self.eva = User(team_id=new_id())
        self.won = Deal(self.pipeline, self.ana.id, Decimal("1000.00"))
        self.lost = Deal(self.pipeline, self.ana.id, Decimal("200.50"))
        self.back = Deal(self.pipeline, self.eva.id, Decimal("50.00"), "USD")
        self.fresh = Deal(self.pipeline, self.eva.id, Decimal("10.00"))
        self.events = [
            self.pipeline.changed(START),
            self.ana.told(START - DAY),
            self.eva.told(START - DAY),
            *(deal.created(START) for deal in (self.won, self.lost, self.back, self.fresh)),
            self.won.moved("Offer", START + DAY),
            self.won.moved("Won", START + 2 * DAY),
            self.lost.moved("Offer", START + DAY),
            self.lost.moved("Lost", START + 3 * DAY),
            self.back.moved("Offer", START + DAY),
            self.back.moved("New", START + 2 * DAY),
            self.back.moved("Offer", START + 3 * DAY),
        ]


@pytest.fixture(scope="module")
async def sales(reports: Harness) -> AsyncIterator[Sales]:
    """The company's week, told out of order and twice."""
    company = Sales()
    told = company.events + company.events[::2]
    random.Random(7).shuffle(told)
    await projected(reports, *told)
    yield company


async def ask(
    reports: Harness,
    sales: Sales,
    more: Mapping[str, Any] | None = None,
    *,
    who: Principal = HEAD,
    path: str = FUNNEL,
    status: int = 200,
) -> dict[str, Any]:
    """The answer to a question about the week, or about what `more` says."""
    parameters = {"pipeline_id": sales.pipeline.id, "from": "2026-05-04", "to": "2026-05-10"} | dict(more or {})
    answer = await reports.client.get(
        path, params={name: str(value) for name, value in parameters.items()}, headers=reports.headers(who)
    )
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


def counts(body: dict[str, Any], stage: str) -> dict[str, int]:
    """The figures of a stage that are not zero."""
    found = next(each for each in body["stages"] if each["name"] == stage)
    return {name: found[name]["count"] for name in FIGURES if found[name]["count"]}


async def follow(reports: Harness, figure: dict[str, Any], who: Principal = HEAD) -> list[dict[str, Any]]:
    """Every record behind a figure, three at a time."""
    records: list[dict[str, Any]] = []
    url, cursor = figure["drill_down"] + "&limit=3", None
    while True:
        answer = await reports.client.get(url + (f"&cursor={cursor}" if cursor else ""), headers=reports.headers(who))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        records += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return records


async def test_every_entry_of_the_week_has_its_outcome(reports: Harness, sales: Sales) -> None:
    body = await ask(reports, sales)
    assert [stage["name"] for stage in body["stages"]] == [stage.name for stage in sales.pipeline.stages]
    assert counts(body, "New") == {"entered": 5, "re_entered": 1, "advanced": 4, "still_there": 1}
    assert counts(body, "Offer") == {
        "entered": 4,
        "re_entered": 1,
        "advanced": 1,
        "lost": 1,
        "moved_back": 1,
        "still_there": 1,
    }
    assert counts(body, "Won") == {"entered": 1, "still_there": 1}
    assert counts(body, "Lost") == {"entered": 1, "still_there": 1}
    assert counts(body, "Measuring") == {}
    for stage in body["stages"]:
        assert stage["entered"]["count"] == sum(stage[name]["count"] for name in OUTCOMES)


async def test_money_is_exact_and_by_currency(reports: Harness, sales: Sales) -> None:
    offer = next(stage for stage in (await ask(reports, sales))["stages"] if stage["name"] == "Offer")
    assert offer["entered"]["amounts"] == {"EUR": "1200.50", "USD": "100.00"}
    assert offer["lost"]["amounts"] == {"EUR": "200.50"}
    assert offer["left_pipeline"]["amounts"] == {}


async def test_each_figure_drills_down_to_exactly_that_many_records(reports: Harness, sales: Sales) -> None:
    for who in (HEAD, salesperson(("report", "pipeline"), id=sales.ana.id)):
        body = await ask(reports, sales, who=who)
        for stage in body["stages"]:
            for name in FIGURES:
                records = await follow(reports, stage[name], who)
                assert len(records) == stage[name]["count"], (stage["name"], name)
                assert len({record["stage_entry_id"] for record in records}) == len(records)
                assert {record["stage_id"] for record in records} <= {stage["stage_id"]}
                if name in OUTCOMES:
                    assert {record["outcome"] for record in records} <= {name}
                total: dict[str, Decimal] = {}
                for record in records:
                    total[record["currency"]] = total.get(record["currency"], Decimal(0)) + Decimal(record["amount"])
                assert {currency: str(amount) for currency, amount in total.items()} == stage[name]["amounts"]


async def test_as_of_tells_what_had_happened_by_the_end_of_that_day(reports: Harness, sales: Sales) -> None:
    body = await ask(reports, sales, {"as_of": "2026-05-05"})
    assert counts(body, "New") == {"entered": 4, "advanced": 3, "still_there": 1}
    assert counts(body, "Offer") == {"entered": 3, "still_there": 3}
    assert counts(body, "Won") == {}


async def test_a_figure_with_as_of_and_known_at_never_changes_again(reports: Harness) -> None:
    sales = Sales()
    known_at = await projected(reports, *sales.events)
    week = {"pipeline_id": str(sales.pipeline.id), "from": "2026-05-04", "to": "2026-05-10"}
    fixed = week | {"as_of": "2026-05-08", "known_at": known_at.isoformat()}
    offer = {"stage_id": str(sales.pipeline.stage("Offer").id)}

    async def answers() -> list[bytes]:
        headers = reports.headers(HEAD)
        funnel = await reports.client.get(FUNNEL, params=fixed, headers=headers)
        records = await reports.client.get(f"{FUNNEL}/records", params=fixed | offer, headers=headers)
        assert (funnel.status_code, records.status_code) == (200, 200)
        return [funnel.content, records.content]

    before = await answers()
    fresh_before = await ask(reports, sales, {"as_of": "2026-05-08"})
    sales.pipeline.stages.reverse()
    sales.ana.team_id = new_id()
    late = Deal(sales.pipeline, sales.ana.id)
    await projected(
        reports,
        sales.pipeline.changed(START),  # the stages turned round, as if from the start
        sales.ana.told(START - DAY),
        sales.won.worth("999999.99", START + 2 * DAY),
        sales.fresh.moved("Lost", START + DAY),  # recorded late, happened within the days asked for
        late.created(START + DAY),
    )
    assert await answers() == before
    assert (await ask(reports, sales, {"as_of": "2026-05-08"}))["stages"] != fresh_before["stages"]


async def test_a_slip_taken_back_is_no_entry_and_was_one_until_then(reports: Harness) -> None:
    sales = Sales()
    slip = sales.fresh.moved("Won", START + DAY)
    before = await projected(reports, *sales.events, slip)
    asked = {"known_at": before.isoformat()}
    told = await ask(reports, sales, asked)
    assert counts(told, "New") == {"entered": 5, "re_entered": 1, "advanced": 5}
    assert counts(told, "Won") == {"entered": 2, "still_there": 2}
    await projected(reports, sales.fresh.taken_back("New"))
    now = await ask(reports, sales)
    assert counts(now, "New") == {"entered": 5, "re_entered": 1, "advanced": 4, "still_there": 1}
    assert counts(now, "Won") == {"entered": 1, "still_there": 1}
    assert (await ask(reports, sales, asked))["stages"] == told["stages"]
    await projected(reports, sales.fresh.moved("Offer", START + 2 * DAY))
    assert counts(await ask(reports, sales), "New") == {"entered": 5, "re_entered": 1, "advanced": 5}


async def test_nothing_can_be_archived_at_a_moment_already_asked_about(reports: Harness) -> None:
    sales = Sales()
    await projected(reports, *sales.events)
    for _ in range(5):
        asked_at = datetime.now(UTC)
        await ask(reports, sales, {"known_at": asked_at.isoformat()})
        (head,) = await reports.rows("SELECT stamp FROM archive_head")
        assert head["stamp"] >= asked_at
        archived_at = await projected(reports, sales.won.worth("1", START))
        assert archived_at > asked_at


async def test_an_answer_asked_again_with_its_own_horizon_is_the_same(reports: Harness, sales: Sales) -> None:
    first = await ask(reports, sales)
    again = await ask(reports, sales, {"as_of": first["as_of"], "known_at": first["known_at"]})
    assert again == first


async def test_before_the_pipeline_was_known_there_is_no_funnel(reports: Harness, sales: Sales) -> None:
    await ask(reports, sales, {"known_at": "2026-01-01T00:00:00Z"}, status=404)
    await ask(reports, sales, {"pipeline_id": uuid4()}, status=404)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("known_at", "2999-01-01T00:00:00Z"),
        ("as_of", "2190-01-01"),
        ("as_of", "9999-12-31"),
        ("known_at", "0001-01-01T00:00:00+14:00"),
        ("known_at", "2026-05-04T10:00:00"),
        ("to", "2026-05-03"),
        ("to", "0001-01-01"),
        ("from", "yesterday"),
        ("owner_id", "' OR 1=1 --"),
        ("team_id", "null"),
        ("pipeline_id", ""),
        ("sort", "amount"),
        ("limit", "5"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_field(
    reports: Harness, sales: Sales, field: str, value: str
) -> None:
    body = await ask(reports, sales, {field: value}, status=422)
    assert [error["field"] for error in body["errors"]] == [field]


@pytest.mark.parametrize(
    ("field", "value"), [("figure", "sold"), ("cursor", "%00"), ("limit", "201"), ("stage_id", "x"), ("offset", "1")]
)
async def test_a_bad_drill_down_is_refused_by_field(reports: Harness, sales: Sales, field: str, value: str) -> None:
    parameters = {"stage_id": uuid4()} | {field: value}
    body = await ask(reports, sales, parameters, path=f"{FUNNEL}/records", status=422)
    assert [error["field"] for error in body["errors"]] == [field]


async def test_who_may_not_see_pipelines_has_no_funnel_and_who_may_not_see_reports_an_empty_one(
    reports: Harness, sales: Sales
) -> None:
    for who in (nobody(), sales_head(("report",))):
        await ask(reports, sales, who=who, status=404)
        await ask(reports, sales, {"stage_id": uuid4()}, who=who, path=f"{FUNNEL}/records", status=404)
    blind = sales_head(("pipeline",))
    body = await ask(reports, sales, who=blind)
    assert all(stage["entered"]["count"] == 0 for stage in body["stages"])
    assert await follow(reports, body["stages"][0]["entered"], blind) == []
    assert (await reports.client.get(FUNNEL)).status_code == 401


async def test_a_salesperson_sees_own_deals_and_a_foreign_one_sees_none(reports: Harness, sales: Sales) -> None:
    mine = await ask(reports, sales, who=salesperson(("report", "pipeline"), id=sales.ana.id))
    assert counts(mine, "New") == {"entered": 2, "advanced": 2}
    foreign = await ask(reports, sales, who=salesperson(("report", "pipeline")))
    assert counts(foreign, "New") == {}


async def test_a_team_lead_sees_those_who_are_in_the_team_today(reports: Harness) -> None:
    sales = Sales()
    assert sales.ana.team_id is not None
    lead = team_lead(("report", "pipeline"), sales.ana.team_id)
    await projected(reports, *sales.events)
    await reports.idle("reports.users")
    assert counts(await ask(reports, sales, who=lead), "New") == {"entered": 2, "advanced": 2}
    old_team, sales.ana.team_id = sales.ana.team_id, new_id()
    await projected(reports, sales.ana.told(START + 30 * DAY))
    await reports.idle("reports.users")
    assert counts(await ask(reports, sales, who=lead), "New") == {}
    # The credit stays with the team of the time, for those who may see it.
    assert counts(await ask(reports, sales, {"team_id": old_team}), "New") == {"entered": 2, "advanced": 2}
    assert counts(await ask(reports, sales, {"team_id": sales.ana.team_id}), "New") == {}


async def test_credit_goes_to_the_owner_and_team_of_the_time(reports: Harness) -> None:
    sales = Sales()
    await projected(reports, *sales.events)
    sales.fresh.owner_id = sales.ana.id
    sales.eva.team_id, eva_before = new_id(), sales.eva.team_id
    await projected(reports, sales.eva.told(START + 5 * DAY), sales.fresh.moved("Offer", START + 6 * DAY))
    assert counts(await ask(reports, sales, {"owner_id": sales.eva.id}), "New")["entered"] == 3
    assert counts(await ask(reports, sales, {"owner_id": sales.ana.id}), "Offer")["entered"] == 3
    await projected(reports, sales.back.moved("Measuring", START + 6 * DAY))
    assert counts(await ask(reports, sales, {"team_id": sales.eva.team_id}), "Measuring")["entered"] == 1
    assert counts(await ask(reports, sales, {"team_id": eva_before}), "Measuring") == {}
    body = await ask(reports, sales, {"team_id": eva_before})
    assert counts(body, "New")["entered"] == 3
    new = next(stage for stage in body["stages"] if stage["name"] == "New")
    assert {record["team_id"] for record in await follow(reports, new["entered"])} == {str(eva_before)}


async def test_history_from_before_a_user_was_known_is_credited_to_the_first_team_known(reports: Harness) -> None:
    sales = Sales()
    old = Deal(sales.pipeline, sales.ana.id)
    await projected(reports, *sales.events, old.created(START - 300 * DAY))
    body = await ask(reports, sales, {"team_id": sales.ana.team_id, "from": "2025-01-01", "to": "2025-12-31"})
    assert counts(body, "New")["entered"] == 1


async def test_days_begin_and_end_at_the_companys_midnight(reports: Harness) -> None:
    sales = Sales()
    saturday_night = Deal(sales.pipeline, sales.ana.id).created(utc("2026-03-28 22:59"))
    sunday = [Deal(sales.pipeline, sales.ana.id).created(utc(at)) for at in ("2026-03-28 23:00", "2026-03-29 21:59")]
    monday = Deal(sales.pipeline, sales.ana.id).created(utc("2026-03-29 22:00"))
    await projected(reports, *sales.events, saturday_night, *sunday, monday)
    for day, entered in (("2026-03-28", 1), ("2026-03-29", 2), ("2026-03-30", 1)):
        body = await ask(reports, sales, {"from": day, "to": day})
        assert counts(body, "New")["entered"] == entered, day


async def test_the_number_of_statements_does_not_grow_with_the_rows(reports: Harness, sales: Sales) -> None:
    small = Sales()
    await projected(reports, small.pipeline.changed(START), small.fresh.created(START))
    here = reports.runtime.settings
    at_the_api_only = running(
        wiring, ReportsSettings, database_url=here.own_database_url, amqp_url=here.amqp_url, role="api"
    )
    asked_of = {}
    async with at_the_api_only as api:
        for name, company in (("one deal", small), ("many", sales)):
            stage_id = company.pipeline.stage("New").id
            with api.statements() as funnel:
                await ask(api, company)
            with api.statements() as records:
                await ask(api, company, {"stage_id": stage_id, "figure": "advanced"}, path=f"{FUNNEL}/records")
            asked_of[name] = (len(funnel), len(records))
    assert asked_of["one deal"] == asked_of["many"]
    assert max(asked_of["many"]) <= 5
