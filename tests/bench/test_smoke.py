"""The bench still runs: its steps on the session's own town, so small that no figure means anything."""

from pathlib import Path

from tests.bench.beside import beside
from tests.bench.ground import ground
from tests.bench.measure import hop_row, read_rows, write_rows
from tests.bench.pools import pools
from tests.bench.speed import Asked, seeded
from tests.bench.table import markdown, plain
from tests.conftest import Town

PEOPLE = 60


async def test_the_bench_measures_every_row_beside_its_bare_limit(town: Town, tmp_path: Path) -> None:
    on = ground(town.stack, town.company)
    asked = Asked(rows=PEOPLE, calls=5, seconds=0.1, burst_s=0.2)
    told = await seeded(on, asked, tmp_path)
    assert {kind: each["rows"] for kind, each in told.items()} == {
        "people": PEOPLE,
        "companies": PEOPLE // 5,
        "deals": PEOPLE // 2,
        "calls": 5,
    }
    asks = await pools(on, PEOPLE)
    with beside(town.stack, tmp_path) as bare:
        rows = [await hop_row(bare, on.authorization, asked.seconds)]
        rows += await read_rows(on, bare, asks, asked.seconds, asked.rows)
        written, _ = await write_rows(on, bare, asks, asked.seconds, asked.burst_s, asked.rows)
    rows += written
    assert [row.name for row in rows if row.refused or not ((row.per_s and row.bare_per_s) or row.note)] == []
    assert plain(rows) and markdown(rows)
