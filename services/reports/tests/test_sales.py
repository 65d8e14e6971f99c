"""Sales and the pipeline through the API, on a real database."""

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, nobody, running, sales_head, salesperson, team_lead
from crm_reports.main import wiring
from crm_reports.settings import ReportsSettings

from .company import DAY, Account, Deal, Pipeline, Product, Team, User, projected, utc

SALES = "/api/v1/reports/sales"
PIPELINE = "/api/v1/reports/pipeline"
HEAD = sales_head(("report", "pipeline"))
# Monday noon in Ljubljana, in a year of its own.
START = utc("2017-05-01 10:00")
YEAR = {"from": "2017-01-01", "to": "2017-12-31", "as_of": "2017-12-31"}


class Season:
    """Two salespeople of two offices, two products, one company, five deals closed or not by the end of June."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()
        self.north, self.south = Team("Celje", "North"), Team("Koper", "South")
        self.ana, self.eva = User(self.north.id), User(self.south.id)
        self.window, self.door = Product("Window"), Product("Door")
        self.account = Account("Okna")
        self.won = Deal(self.pipeline, self.ana.id, Decimal("300.00"), company_id=self.account.id)
        self.won.lines = [(self.window.id, "100.00"), (self.door.id, "150.00"), (self.window.id, "50.00")]
        self.lost = Deal(self.pipeline, self.ana.id, Decimal("200.50"))
        self.july = Deal(self.pipeline, self.eva.id, Decimal("50.00"), company_id=self.account.id)
        self.again = Deal(self.pipeline, self.eva.id, Decimal("10.00"))
        self.open = Deal(self.pipeline, self.eva.id, Decimal("7.00"), "USD")
        self.people = [each.told(START - DAY) for each in (self.north, self.south, self.ana, self.eva)]
        self.events = [
            self.pipeline.changed(START),
            *self.people,
            *(each.told(START) for each in (self.window, self.door, self.account)),
            *(deal.created(START) for deal in (self.won, self.lost, self.july, self.again, self.open)),
            self.won.moved("Offer", START + DAY),
            self.won.moved("Won", START + 10 * DAY),
            self.lost.moved("Lost", START + 3 * DAY),
            self.july.moved("Won", utc("2017-06-30 22:00")),  # the first instant of July in Ljubljana
            self.again.moved("Won", START + 2 * DAY),
            self.again.moved("Offer", START + 4 * DAY),  # opened again
        ]

    @property
    def mine(self) -> dict[str, str]:
        """Narrows the pipeline to this season's."""
        return {"pipeline_id": str(self.pipeline.id)}


@pytest.fixture(scope="module")
async def season(reports: Harness) -> AsyncIterator[Season]:
    """The season, told out of order and twice."""
    company = Season()
    told = company.events + company.events[::2]
    random.Random(7).shuffle(told)
    await projected(reports, *told)
    await reports.idle("reports.users")
    yield company


async def ask(
    reports: Harness, asked: Mapping[str, Any], who: Principal = HEAD, path: str = SALES, status: int = 200
) -> dict[str, Any]:
    """The answer."""
    answer = await reports.client.get(path, params=asked, headers=reports.headers(who))
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def groups(
    reports: Harness, by: str, more: Mapping[str, str] | None = None, *, who: Principal = HEAD
) -> dict[str | None, tuple[dict[str, int], dict[str, str]]]:
    """For each group: the figures that are not zero, and what was won."""
    body = await ask(reports, {**YEAR, "by": by, **(more or {})}, who)
    counted = ("won", "lost", "open", "created")
    return {
        group["key"]: (
            {name: group[name]["count"] for name in counted if group[name] and group[name]["count"]},
            group["won"]["amounts"],
        )
        for group in body["groups"]
    }


async def test_a_season_in_one_row(reports: Harness, season: Season) -> None:
    (row,) = (await ask(reports, YEAR))["groups"]
    assert (row["won"]["count"], row["won"]["amounts"]) == (2, {"EUR": "350.00"})
    assert (row["lost"]["count"], row["lost"]["amounts"]) == (1, {"EUR": "200.50"})
    assert (row["open"]["count"], row["open"]["amounts"]) == (2, {"EUR": "10.00", "USD": "7.00"})
    assert row["created"]["count"] == 5
    assert row["win_rate"] == "0.6667"
    assert row["won"]["average_days"] == "35.3"  # 10 days, and 60.5
    assert row["lost"]["average_days"] == "3.0"


async def test_a_season_told_apart(reports: Harness, season: Season) -> None:
    anas = ({"won": 1, "lost": 1, "created": 2}, {"EUR": "300.00"})
    evas = ({"won": 1, "open": 2, "created": 3}, {"EUR": "50.00"})
    assert await groups(reports, "employee") == {str(season.ana.id): anas, str(season.eva.id): evas}
    assert await groups(reports, "team") == {str(season.north.id): anas, str(season.south.id): evas}
    assert await groups(reports, "office") == {"Celje": anas, "Koper": evas}
    assert await groups(reports, "company") == {
        str(season.account.id): ({"won": 2, "created": 2}, {"EUR": "350.00"}),
        None: ({"lost": 1, "open": 2, "created": 3}, {}),
    }
    assert await groups(reports, "product") == {
        str(season.window.id): ({"won": 1, "created": 1}, {"EUR": "150.00"}),
        str(season.door.id): ({"won": 1, "created": 1}, {"EUR": "150.00"}),
        None: ({"won": 1, "lost": 1, "open": 2, "created": 4}, {"EUR": "50.00"}),
    }
    assert await groups(reports, "quarter") == {
        "2017-Q2": ({"won": 1, "lost": 1, "created": 5}, {"EUR": "300.00"}),
        "2017-Q3": ({"won": 1}, {"EUR": "50.00"}),
    }
    assert list(await groups(reports, "month")) == ["2017-05", "2017-07"]
    assert list(await groups(reports, "currency")) == ["EUR", "USD"]


async def test_teams_products_and_companies_are_named_and_people_are_not(reports: Harness, season: Season) -> None:
    async def names(by: str) -> list[str | None]:
        return [group["name"] for group in (await ask(reports, {**YEAR, "by": by}))["groups"]]

    assert await names("team") == ["North", "South"]
    assert await names("product") in (["Door", "Window", None], ["Window", "Door", None])
    assert await names("company") == ["Okna", None]
    assert await names("employee") == [None, None]


async def test_groups_beyond_the_limit_are_counted(reports: Harness, season: Season) -> None:
    body = await ask(reports, {**YEAR, "by": "product", "limit": "1"})
    assert (len(body["groups"]), body["left_off"]) == (1, 2)


async def test_as_of_the_end_of_june_nothing_of_july_has_happened(reports: Harness, season: Season) -> None:
    june = {"as_of": "2017-06-30"}
    (row,) = (await ask(reports, {**YEAR, **june}))["groups"]
    assert (row["won"]["count"], row["lost"]["count"], row["open"]["count"]) == (1, 1, 3)
    stages = (await ask(reports, {**season.mine, **june}, path=PIPELINE))["stages"]
    assert {stage["name"]: stage["count"] for stage in stages if stage["count"]} == {
        "New": 2,
        "Offer": 1,
        "Won": 1,
        "Lost": 1,
    }
    narrowed = await ask(reports, {**season.mine, **june, "office": "Koper"}, path=PIPELINE)
    assert sum(stage["count"] for stage in narrowed["stages"]) == 3


async def test_each_figure_drills_down_to_exactly_its_records(reports: Harness, season: Season) -> None:
    for who in (HEAD, salesperson(("report", "pipeline"), id=season.ana.id)):
        figures = (await ask(reports, {**season.mine, "as_of": "2017-12-31"}, who, PIPELINE))["stages"]
        for by in ("none", "employee", "team", "office", "product", "company", "month", "quarter", "currency"):
            for group in (await ask(reports, {**YEAR, "by": by}, who))["groups"]:
                figures += [group[name] for name in ("won", "lost", "created", "open") if group[name]]
        for figure in figures:
            answer = await reports.client.get(figure["drill_down"], headers=reports.headers(who))
            assert answer.status_code == 200, answer.text
            records = answer.json()["items"]
            assert len({record["deal_id"] for record in records}) == len(records) == figure["count"]
            assert sum((Decimal(record["amount"]) for record in records), Decimal(0)) == sum(
                map(Decimal, figure["amounts"].values())
            )


async def test_a_correction_changes_the_figure_from_when_it_is_known(reports: Harness) -> None:
    company = Season()
    known_at = await projected(reports, *company.events)
    here = {"owner_id": str(company.ana.id)}
    before = await groups(reports, "none", here)
    urls = [(SALES, {**YEAR, **here, "by": by}) for by in ("none", "product", "company", "month")]
    urls += [(f"{SALES}/records", {**YEAR, **here, "figure": "won"}), (PIPELINE, {**company.mine, **here})]
    urls = [(url, {**asked, "as_of": "2017-12-31", "known_at": known_at.isoformat()}) for url, asked in urls]

    async def fixed() -> list[bytes]:
        answers = [await reports.client.get(url, params=asked, headers=reports.headers(HEAD)) for url, asked in urls]
        assert {answer.status_code for answer in answers} == {200}
        return [answer.content for answer in answers]

    told = await fixed()
    company.won.amount = Decimal("400.00")
    company.won.lines = [(company.window.id, "400.00")]
    await projected(reports, company.won.updated(START + 20 * DAY))
    assert (await groups(reports, "none", here))[None][1] == {"EUR": "400.00"}
    assert await fixed() == told
    await projected(reports, company.lost.moved("Won", START + 5 * DAY, told_at=START + 200 * DAY))
    assert (await groups(reports, "none", here))[None] == ({"won": 2, "created": 2}, {"EUR": "600.50"})
    assert await fixed() == told
    await projected(reports, company.won.removed(START + 300 * DAY))
    assert (await groups(reports, "none", here))[None] == ({"won": 1, "created": 1}, {"EUR": "200.50"})
    assert await fixed() == told
    assert (await groups(reports, "none", here | {"known_at": known_at.isoformat()})) == before


async def test_a_removed_deal_is_in_no_figure_and_an_older_event_does_not_bring_it_back(reports: Harness) -> None:
    company = Season()
    gone = company.open
    late = gone.updated(START + 4 * DAY)
    known_at = await projected(reports, *company.events)
    await projected(reports, gone.removed(START + 400 * DAY))
    await projected(reports, late, gone.moved("Offer", START + DAY))
    here = {"owner_id": str(company.eva.id)}
    assert (await groups(reports, "none", here))[None][0] == {"won": 1, "open": 1, "created": 2}
    week = {**company.mine, "from": "2017-05-01", "to": "2017-05-07", **here}
    new = (await ask(reports, week, path="/api/v1/reports/funnel"))["stages"][0]
    assert new["entered"]["count"] == 2
    assert (await ask(reports, {**week, "known_at": known_at.isoformat()}, path="/api/v1/reports/funnel"))["stages"][0][
        "entered"
    ]["count"] == 3


async def test_what_is_open_is_whose_it_is_and_what_was_won_whose_it_was(reports: Harness) -> None:
    company = Season()
    await projected(reports, *company.events)
    for deal in (company.open, company.july):
        deal.owner_id = company.ana.id
    await projected(reports, *(deal.updated(START + 90 * DAY) for deal in (company.open, company.july)))
    told = await groups(reports, "employee", {"without": "product"})
    assert told[str(company.ana.id)][0] == {"lost": 1, "open": 1, "created": 1}
    assert told[str(company.eva.id)][0] == {"won": 1, "open": 1, "created": 3}


async def test_rights_narrow_the_figures_to_own_and_to_those_in_the_team_today(
    reports: Harness, season: Season
) -> None:
    mine = await groups(reports, "employee", who=salesperson(("report", "pipeline"), id=season.ana.id))
    assert list(mine) == [str(season.ana.id)]
    led = await groups(reports, "employee", who=team_lead(("report", "pipeline"), season.south.id))
    assert list(led) == [str(season.eva.id)]
    foreign = salesperson(("report", "pipeline"))
    assert await groups(reports, "employee", who=foreign) == {}
    for who in (nobody(), foreign):
        records = await ask(reports, {**YEAR, "figure": "won"}, who, f"{SALES}/records")
        assert records == {"items": [], "next_cursor": None}
    await ask(reports, season.mine, nobody(), PIPELINE, 404)
    assert (await reports.client.get(SALES, params=YEAR)).status_code == 401


async def test_a_team_leads_sums_are_kept_for_just_the_colleagues_they_are_of(reports: Harness, season: Season) -> None:
    lead = replace(team_lead(("report", "pipeline"), season.south.id), colleagues=frozenset({season.eva.id}))
    summed = []
    for _ in range(2):
        with reports.statements() as statements:
            assert list(await groups(reports, "employee", who=lead)) == [str(season.eva.id)]
        summed.append(sum("stage_entry" in statement for statement in statements))
    assert summed == [1, 0]
    joined = replace(lead, colleagues=frozenset({season.eva.id, season.ana.id}))
    assert set(await groups(reports, "employee", who=joined)) == {str(season.eva.id), str(season.ana.id)}
    alone = replace(lead, colleagues=frozenset())
    assert await groups(reports, "employee", who=alone) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("by", "weather"),
        ("limit", "0"),
        ("office", "a\x00b"),
        ("currency", "eur"),
        ("without", "owner"),
        ("to", "2016-12-31"),
        ("as_of", "2190-01-01"),
        ("company_id", "none"),
        ("sort", "amount"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_field(reports: Harness, field: str, value: str) -> None:
    body = await ask(reports, {**YEAR, field: value}, status=422)
    assert [error["field"].partition(".")[0] for error in body["errors"]] == [field]


async def test_the_number_of_statements_does_not_grow_with_the_rows(reports: Harness, season: Season) -> None:
    small = Season()
    alone = {"owner_id": str(new_id())}
    await projected(reports, small.pipeline.changed(START), small.open.created(START))
    here = reports.runtime.settings
    at_the_api_only = running(
        wiring, ReportsSettings, database_url=here.own_database_url, amqp_url=here.amqp_url, role="api"
    )
    async with at_the_api_only as api:
        for path, asked in (
            (SALES, {**YEAR, "by": "product"}),
            (f"{SALES}/records", {**YEAR, "figure": "won"}),
            (PIPELINE, season.mine),
            (f"{PIPELINE}/records", {**season.mine, "stage_id": str(season.pipeline.stages[0].id)}),
        ):
            counted = []
            for more in ({}, alone, {}):  # fresh, of nothing, and kept
                with api.statements() as statements:
                    await ask(api, {**asked, **more}, path=path)
                counted.append(len(statements))
            assert max(counted) <= 4, (path, counted)
            assert counted[0] == counted[1], (path, counted)
