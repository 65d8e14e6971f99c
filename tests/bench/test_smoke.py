"""The benches still run: their steps on the session's own town, so small that no figure means anything."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.bench.beside import beside
from tests.bench.ground import Ground, ground
from tests.bench.measure import hop_row, read_rows, write_rows
from tests.bench.pools import pools
from tests.bench.speed import Asked, seeded
from tests.bench.table import markdown, plain
from tests.bench.web import Asked as AskedOfTheWeb
from tests.bench.web import measured
from tests.bench.web_table import plain as plain_of_the_web
from tests.conftest import PASSWORD, Town
from tests.web.conftest import built, chromium

__all__ = ["built", "chromium"]

PEOPLE = 60


@pytest.fixture(scope="module")
def on(town: Town) -> Ground:
    """The town, with what benches need."""
    return ground(town.stack, town.company)


async def test_the_bench_measures_every_row_beside_its_bare_limit(on: Ground, town: Town, tmp_path: Path) -> None:
    asked = Asked(rows=PEOPLE, calls=5, seconds=0.1, burst_s=0.2)
    told = await seeded(on, asked, tmp_path)
    assert {kind: each["rows"] for kind, each in told.items()} == {
        "people": PEOPLE,
        "companies": PEOPLE // 5,
        "deals": PEOPLE // 2,
        "calls": 5,
    }
    asks = await pools(on, PEOPLE, size=5)
    with beside(town.stack, tmp_path) as bare:
        rows = [await hop_row(bare, on.authorization, asked.seconds)]
        rows += await read_rows(on, bare, asks, asked.seconds, asked.rows)
        written, _ = await write_rows(on, bare, asks, asked.seconds, asked.burst_s, asked.rows)
    rows += written
    assert [row.name for row in rows if row.refused or not ((row.per_s and row.bare_per_s) or row.note)] == []
    assert plain(rows) and markdown(rows)


async def test_the_bench_of_the_web_client_measures_every_figure(chromium: Browser, on: Ground) -> None:
    asked = AskedOfTheWeb(people=PEOPLE, runs=1, rings=2, scrolled=40, pages=("/sign-in", "/figures"))
    figures = await measured(chromium, on, asked, PASSWORD)
    assert [figure.name for figure in figures if figure.value is None] == []
    assert {figure.name for figure in figures if figure.unit == "kB"} == {"script of /sign-in", "script of /figures"}
    assert plain_of_the_web(figures)
