"""The real set is in whole, its doubtful rows are named, and every figure is the one counted from the CSV by hand."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from crm_runner.demo.client import wait_for
from crm_runner.demo.company import default_pipeline

from tests.real.conftest import Taken
from tests.real.oracle import Opportunity, closed_by, quarter, stages_at

EVER = {"from": "2016-01-01", "to": "2018-12-31"}
JUNE = date(2017, 6, 30)


def _sales(taken: Taken, **asked: Any) -> dict[str | None, dict[str, Any]]:
    answer = taken.admin.get("/api/v1/reports/sales", **{**EVER, "limit": 1000, **asked})
    assert answer["left_off"] == 0
    return {group["name"] or group["key"]: group for group in answer["groups"]}


def _told(group: dict[str, Any]) -> tuple[int, int, int]:
    won = group["won"]
    return won["count"], round(float(won["amounts"].get("EUR", "0"))), group["lost"]["count"]


@pytest.fixture(scope="module")
def figures(taken: Taken) -> Taken:
    """The figures know of every deal, be it won, lost or open."""

    def told() -> int:
        group = _sales(taken)[None]
        return sum(int(group[kind]["count"]) for kind in ("won", "lost", "open"))

    wait_for("every deal in the figures", lambda: told() == len(taken.lines), 120)
    return taken


def test_every_row_is_written_and_the_doubtful_ones_are_exactly_those_with_gaps(taken: Taken) -> None:
    deals = taken.found.deals
    assert deals.counts["create"] == len(taken.lines) == 8800
    by_code = {
        "product_read_as": {line.row for line in taken.lines if line.product_as_written != line.product},
        "no_company": {line.row for line in taken.lines if not line.account},
        "no_date": {line.row for line in taken.lines if line.opened is None},
    }
    assert {code: len(rows) for code, rows in by_code.items()} == {
        "product_read_as": 1480,
        "no_company": 1425,
        "no_date": 500,
    }
    for code, rows in by_code.items():
        assert {row["number"] for row in deals.rows(finding=code)} == rows
    told = {name.removeprefix("doubt:") for name in deals.counts if name.startswith("doubt:")}
    assert told == {*by_code, "any"}
    assert deals.counts["doubt:any"] == len(set().union(*by_code.values()))


def test_all_that_was_ever_won_and_lost_is_what_the_file_says(figures: Taken) -> None:
    group = _sales(figures)[None]
    assert _told(group) == (4238, 10_005_534, 2473)
    assert group["open"]["count"] == 1589 + 500


def test_what_was_won_lost_and_engaging_at_the_end_of_june_is_what_the_file_says(figures: Taken) -> None:
    assert _told(_sales(figures, as_of=JUNE.isoformat())[None]) == (1785, 4_220_783, 894)
    pipeline = default_pipeline(figures.admin)["id"]
    at_june = figures.admin.get("/api/v1/reports/pipeline", pipeline_id=pipeline, as_of=JUNE.isoformat())
    held = {stage["name"]: stage["count"] for stage in at_june["stages"] if stage["count"]}
    assert held == stages_at(figures.lines, JUNE) == {"Won": 1785, "Lost": 894, "Engaging": 1686}


@pytest.mark.parametrize("until", [None, JUNE], ids=["ever", "as of June"])
@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("employee", lambda line: line.agent),
        ("team", lambda line: line.manager),
        ("office", lambda line: line.office),
        ("product", lambda line: line.product),
        ("company", lambda line: line.account),
        ("quarter", quarter),
    ],
)
def test_the_figures_by_whatever_are_those_of_the_file(
    figures: Taken, by: str, key: Callable[[Opportunity], str], until: date | None
) -> None:
    asked = {"by": by} | ({"as_of": until.isoformat()} if until else {})
    names: dict[str | None, str] = {None: ""}
    if by == "employee":
        names |= {id: name for name, id in figures.found.users.items()}
    told = {names.get(name, name): _told(group) for name, group in _sales(figures, **asked).items()}
    wanted = {
        name: (sums.won, sums.won_value, sums.lost) for name, sums in closed_by(figures.lines, key, until).items()
    }
    assert {name: each for name, each in told.items() if each != (0, 0, 0)} == wanted


def test_a_figure_opens_exactly_its_records(figures: Taken) -> None:
    for group in _sales(figures, by="quarter").values():
        path, seen = group["lost"]["drill_down"], set()
        cursor: str | None = ""
        while cursor is not None:
            more = f"{path}&limit=200" + (f"&cursor={cursor}" if cursor else "")
            page = figures.admin.get(more)
            seen |= {record["deal_id"] for record in page["items"]}
            cursor = page["next_cursor"]
        assert len(seen) == group["lost"]["count"]


def test_the_same_file_again_changes_nothing(figures: Taken) -> None:
    again = figures.found.deals.again()
    assert {name: count for name, count in again.counts.items() if ":" not in name} == {"same": 8800}
