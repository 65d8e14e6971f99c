"""Figures made anew from the archive beside running traffic, through kills, are equal byte for byte."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest
from crm_chassis.ids import new_id
from crm_runner.databases import plain
from crm_runner.demo.client import wait_for

from .site import Event, Site
from .traffic import traffic

TABLES = ("stage_entry", "deal_version", "call_version", "pipeline_version", "membership", "projection_reject")
MANY = 3_000


@pytest.fixture
def long_archive(site: Site) -> Iterator[None]:
    """So many calls are archived that a rebuild takes a while; they are gone afterwards."""
    told = [event for event in site.archived() if event["type"].startswith("telephony.call.")]
    copies = [_as_another(told[number % len(told)]) for number in range(MANY)]
    site.publish("reports.archive", copies, batched=True)
    ids = [UUID(event["id"]) for event in copies]
    query = "SELECT count(*) AS n FROM event_archive WHERE id = ANY($1)"
    wait_for("a long archive", lambda: site.rows("reports", query, ids)[0]["n"] == MANY, 60)
    site.settle()
    yield
    site.settle()
    listed = ", ".join(f"'{id}'" for id in ids)
    site.run(
        "reports",
        f"DELETE FROM event_archive WHERE id IN ({listed})",  # noqa: S608
        f"DELETE FROM event_pii WHERE event_id IN ({listed})",  # noqa: S608
        f"DELETE FROM call_version WHERE event_id IN ({listed})",  # noqa: S608
    )


def _as_another(event: Event) -> Event:
    call = str(new_id())
    return event | {"id": str(new_id()), "subject": f"call/{call}", "data": event["data"] | {"id": call}}


def generation(site: Site, state: str) -> int | None:
    """The number of the generation in this state."""
    rows = site.rows("reports", "SELECT generation FROM projection_generation WHERE state = $1", state)
    return rows[0]["generation"] if rows else None


def figures(site: Site) -> list[bytes]:
    """Every row of every table of the live generation."""
    live = "WHERE generation = (SELECT generation FROM projection_generation WHERE state = 'live')"
    return [
        table.encode() + row
        for table in TABLES
        for row in site.dump("reports", f"(SELECT * FROM {table} {live})", "event_id", "generation")  # noqa: S608
    ]


@asynccontextmanager
async def halfway(site: Site) -> AsyncIterator[int]:
    """The generation being built stands still somewhere in its middle while the block runs; answers its position."""
    connection = await asyncpg.connect(plain(site.stack.database_urls["reports"]))
    query = "SELECT position FROM projection_generation WHERE state = 'building' AND position > 0 FOR UPDATE"
    try:
        while True:
            transaction = connection.transaction()
            await transaction.start()
            position = await connection.fetchval(query)
            if position is not None:
                break
            await transaction.rollback()
        yield int(position)
        await transaction.rollback()
    finally:
        await connection.close()


async def test_a_rebuild_beside_traffic_survives_the_death_of_whoever_does_it(site: Site, long_archive: None) -> None:
    before, old = figures(site), generation(site, "live")
    with traffic(site) as made:
        rebuild = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "crm_reports", "rebuild"),
            env=site.stack.environment("reports"),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(60), halfway(site) as position:
            assert 0 < position < MANY
            rebuild.kill()
            await rebuild.wait()
            site.stack.kill("reports")
            assert generation(site, "live") == old
        await asyncio.to_thread(site.stack.wait_ready, "reports")
        wait_for("the new figures", lambda: generation(site, "live") != old and not generation(site, "building"), 60)
        count = len(made)
        wait_for("more traffic", lambda: len(made) > count)
    site.settle()
    after = figures(site)
    assert after != before
    assert set(before) < set(after)
    site.stack.run("reports", "rebuild")
    assert figures(site) == after
