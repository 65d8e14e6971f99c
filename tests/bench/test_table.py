"""The table says what was measured, and calls a miss a miss."""

import json

import pytest

from tests.bench import town
from tests.bench.cost import spent_ms
from tests.bench.table import Goal, Row, kept, load_of, markdown, percentile, plain, read_wrk

PRINTED = """Running 4s test @ http://127.0.0.1:20001
  1 threads and 8 connections
bench requests=2817 us=4002113 p50=11034 p95=20511 p99=41999 refused=3 broken=0
"""


def test_what_wrk_printed_is_read_in_seconds_and_milliseconds() -> None:
    load = read_wrk(PRINTED)
    assert (load.requests, load.refused, load.broken) == (2817, 3, 0)
    assert load.seconds == pytest.approx(4.002113)
    assert (load.p50_ms, load.p95_ms, load.p99_ms) == (11.034, 20.511, 41.999)


def test_what_was_refused_is_no_speed() -> None:
    assert read_wrk(PRINTED).per_s == pytest.approx((2817 - 3) / 4.002113)
    assert load_of([0.01] * 10, 1.0, refused=10).per_s == 0


def test_a_wrk_that_did_not_report_is_an_error() -> None:
    with pytest.raises(ValueError, match="unable to connect"):
        read_wrk("unable to connect to 127.0.0.1:1 Connection refused")


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (95, 95), (99, 99), (100, 100), (0, 1)])
def test_a_percentile_is_one_of_the_values(percent: float, value: int) -> None:
    assert percentile(range(1, 101), percent) == value


def test_one_value_is_every_percentile_and_none_is_nothing() -> None:
    assert percentile([7.0], 95) == 7.0
    assert percentile([], 95) == 0.0


def test_a_row_names_each_figure_it_misses() -> None:
    row = Row("list", Goal(5, 700), p50_ms=6.0, per_s=650, bare_per_s=1400, refused=1)
    assert row.misses() == ["p50", "req/s", "ratio", "refused"]
    assert row.verdict == "miss: p50, req/s, ratio, refused"


def test_a_row_that_reaches_its_goal_is_ok() -> None:
    assert Row("list", Goal(5, 700), p50_ms=5.0, per_s=700, bare_per_s=1400).verdict == "ok"


def test_what_was_not_measured_is_neither_ok_nor_a_miss() -> None:
    assert Row("sum by stage", Goal(8, 400), note="answered 404").verdict == "not measured"


def test_half_of_the_bare_limit_is_the_bar_unless_the_row_has_another() -> None:
    assert Row("list", per_s=49, bare_per_s=100).misses() == ["ratio"]
    assert Row("hop", per_s=49, bare_per_s=100, bar=None).misses() == []


def test_cpu_time_and_the_time_a_burst_takes_are_asked_for_too() -> None:
    assert Row("hop", Goal(cpu_ms=0.5), cpu_ms={"gateway": 0.6}).misses() == ["CPU"]
    assert Row("hooks", Goal(seconds=60), seconds=61).misses() == ["seconds"]
    assert Row("pop", Goal(p95_ms=300), p50_ms=400, p95_ms=301).misses() == ["p95"]


def test_a_million_people_may_cost_twice_as_much() -> None:
    assert Goal(5, 700).at(100_000) == Goal(5, 700)
    assert Goal(5, 700, 15).at(1_000_000) == Goal(10, 350, 15)


def test_the_cpu_ratio_is_the_bare_cost_by_ours() -> None:
    row = Row(
        "list", cpu_ms={"gateway": 0.3, "contacts": 1.2, "postgres": 0.5}, bare_cpu_ms={"gateway": 0.3, "contacts": 0.7}
    )
    assert row.cpu_share == pytest.approx(0.5)
    assert Row("list").cpu_share is None


def test_cost_a_request_leaves_out_who_did_nothing() -> None:
    spent = spent_ms(
        {"gateway": 1.0, "deals": 5.0, "reports": 2.0}, {"gateway": 1.5, "deals": 7.0, "reports": 2.0}, 1000
    )
    assert spent == {"gateway": 0.5, "deals": 2.0}
    assert spent_ms({"gateway": 1.0}, {"gateway": 2.0}, 0) == {}


def test_every_line_of_a_page_has_the_same_cells() -> None:
    page = markdown([Row("list", Goal(5, 700), p50_ms=4.2, per_s=800), Row("pop", Goal(p95_ms=300), p95_ms=212)])
    assert {line.count("|") for line in page.splitlines()} == {10}
    assert "4.2 ms" in page and "p95 212 ms" in page


def test_the_terminal_gets_every_row() -> None:
    shown = plain([Row("list"), Row("move deal", Goal(8, 300, 15), per_s=310, seconds=9.6)])
    assert "310/s, done 10 s" in shown and "8 ms, 300/s, done in 15 s" in shown


def test_json_keeps_ratio_and_verdict() -> None:
    (row,) = json.loads(json.dumps(kept([Row("list", Goal(5, 700), per_s=400, bare_per_s=1000)])))
    assert row["share"] == 0.4
    assert row["misses"] == ["req/s", "ratio"]


def test_the_same_number_is_the_same_customer_and_no_two_share_a_phone() -> None:
    assert town.person(17) == town.person(17)
    assert len({town.person(number).phone for number in range(500)}) == 500


def test_deals_stand_evenly_in_their_stages() -> None:
    stages = [town.deal(number, 100, 6).stage for number in range(600)]
    assert {stage: stages.count(stage) for stage in range(6)} == dict.fromkeys(range(6), 100)
