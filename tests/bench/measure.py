"""The rows of the table: each request through the gateway, and its bare limit right after it."""

import itertools
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp

from tests.bench import town
from tests.bench.beside import Beside
from tests.bench.cost import cpu_s, spent_ms
from tests.bench.ground import Ground
from tests.bench.load import Act, Ask, acts, each_once, reads
from tests.bench.pools import Deal, Pools
from tests.bench.seed import told
from tests.bench.table import Goal, Load, Row

CLIENTS = 8
_GATEWAY, _POSTGRES = "gateway", "postgres"
_QUIET_LIMIT_S = 600.0
_MOST_HOOKS_PER_S = 1_500
_NEW_NUMBERS = "+38664"


@dataclass(frozen=True)
class Read:
    """A row of the table that reads: of which pool, answered by which services."""

    pool: str
    name: str
    goal: Goal
    services: tuple[str, ...]


READS = (
    Read("list", "list 50 people", Goal(5, 700), ("contacts",)),
    Read("depth", "page at 90 % of the depth", Goal(5, 700), ("contacts",)),
    Read("name", "find by name part", Goal(10, 350), ("contacts", "deals")),
    Read("phone", "find by phone part", Goal(5, 700), ("contacts", "deals")),
    Read("card", "card", Goal(10, 250), ("contacts", "deals")),
    Read("board", "board, all columns", Goal(25, 100), ("deals",)),
    Read("sums", "sum by stage", Goal(8, 400), ("reports",)),
    Read("funnel", "funnel as of a date", Goal(20), ("reports",)),
)


def figures_asked(ground: Ground, today: date) -> dict[str, list[Ask]]:
    """Requests for figures: the sums of the pipeline now, and its funnel of a year as it was a month ago."""
    year, month = today - timedelta(days=365), today - timedelta(days=30)
    pipeline = f"pipeline_id={ground.pipeline_id}"
    return {
        "sums": [Ask(f"/api/v1/reports/pipeline?{pipeline}")],
        "funnel": [Ask(f"/api/v1/reports/funnel?{pipeline}&from={year}&to={today}&as_of={month}")],
    }


async def read_rows(ground: Ground, bare: Beside, pools: Pools, seconds: float, rows: int) -> list[Row]:
    """Every reading row."""
    asks = pools.asks | figures_asked(ground, datetime.now(UTC).date())
    found = []
    for each in READS:
        row = await _read(ground, bare, replace(each, goal=each.goal.at(rows)), asks[each.pool], seconds)
        found.append(row)
    return found


async def _read(ground: Ground, bare: Beside, read: Read, pool: Sequence[Ask], seconds: float) -> Row:
    refused = await _warm(ground, bare, pool)
    if refused:
        return Row(read.name, read.goal, note=f"answered {refused}")
    who = (_GATEWAY, *read.services, _POSTGRES)
    auth = ground.authorization
    one = await reads(ground.url, auth, pool, 1, seconds)
    eight, cpu = await _costed(reads(ground.url, auth, pool, CLIENTS, seconds), ground.pids, who)
    bare_one = await reads(bare.gateway_url, auth, pool, 1, seconds)
    bare_eight, bare_cpu = await _costed(reads(bare.gateway_url, auth, pool, CLIENTS, seconds), bare.pids, who)
    return Row(
        read.name,
        read.goal,
        p50_ms=one.p50_ms,
        p95_ms=eight.p95_ms,
        per_s=eight.per_s,
        bare_p50_ms=bare_one.p50_ms,
        bare_per_s=bare_eight.per_s,
        cpu_ms=cpu,
        bare_cpu_ms=bare_cpu,
        refused=one.refused + eight.refused + one.broken + eight.broken,
    )


async def _warm(ground: Ground, bare: Beside, pool: Sequence[Ask]) -> int:
    """Each request was answered once on both ways, so that the stand-in knows its statements; else its status."""
    refused = 0

    async def get(client: aiohttp.ClientSession, ask: Ask) -> None:
        nonlocal refused
        for url in (ground.url, bare.gateway_url):
            async with client.get(url + ask.path) as answer:
                await answer.read()
                refused = answer.status if answer.status != 200 else refused

    await each_once(ground.authorization, pool, get, 2)
    return refused


async def hop_row(bare: Beside, authorization: str, seconds: float) -> Row:
    """What the gateway adds to a service that answers ready bytes; `bare` is that service without a gateway."""
    direct = [Ask("/ready")]
    hop = [Ask("/api/v1/people/ready")]
    one = await reads(bare.gateway_url, authorization, hop, 1, seconds)
    eight, cpu = await _costed(reads(bare.gateway_url, authorization, hop, CLIENTS, seconds), bare.pids, (_GATEWAY,))
    bare_one = await reads(bare.direct_url, None, direct, 1, seconds)
    alone = {"contacts": bare.pids["contacts"]}
    bare_eight, bare_cpu = await _costed(reads(bare.direct_url, None, direct, CLIENTS, seconds), alone, ("contacts",))
    return Row(
        "gateway hop, ready bytes",
        Goal(cpu_ms=0.5),
        p50_ms=one.p50_ms,
        per_s=eight.per_s,
        bare_p50_ms=bare_one.p50_ms,
        bare_per_s=bare_eight.per_s,
        cpu_ms=cpu,
        bare_cpu_ms=bare_cpu,
        bar=None,
        refused=eight.refused + eight.broken,
        note="bare: no gateway",
    )


class Writes:
    """What the writing rows send: each request is about something new."""

    def __init__(self, ground: Ground, pools: Pools) -> None:
        self._ground = ground
        self._pools = pools
        self._numbers = itertools.count()
        self._deals = deque(pools.deals)
        self._stages = ground.open_stages()

    def new_person(self, url: str) -> Act:
        """Somebody with a number nobody has."""

        async def act(client: aiohttp.ClientSession) -> int:
            number = next(self._numbers)
            like = town.person(number)
            phone = f"{_NEW_NUMBERS}{number:06d}"
            body = {"name": like.name, "phones": [{"raw": phone}], "emails": [{"address": f"new{number}@new.example"}]}
            return await _post(client, f"{url}/api/v1/people", body)

        return act

    def new_deal(self, url: str) -> Act:
        """A deal of somebody."""

        async def act(client: aiohttp.ClientSession) -> int:
            number = next(self._numbers)
            body = {
                "title": f"Windows {number}",
                "pipeline_id": self._ground.pipeline_id,
                "person_id": self._pools.people[number % len(self._pools.people)],
                "amount": "1200.00",
            }
            return await _post(client, f"{url}/api/v1/deals", body)

        return act

    def move(self, url: str, *, real: bool = True) -> Act:
        """A deal enters the open stage after its own, or the first; what is not `real` leaves it where it is."""

        async def act(client: aiohttp.ClientSession) -> int:
            deal = self._deals.popleft()
            stage = self._stages[(self._stages.index(deal.stage_id) + 1) % len(self._stages)]
            try:
                headers = {"If-Match": f'"{deal.version}"'}
                path = f"{url}/api/v1/deals/{deal.id}/move"
                async with client.post(path, json={"stage_id": stage}, headers=headers) as answer:
                    body = await answer.json()
                    if real and answer.status == 200:
                        deal = Deal(deal.id, stage, body["version"])
                    return answer.status
            finally:
                self._deals.append(deal)

        return act


async def write_rows(
    ground: Ground, bare: Beside, pools: Pools, seconds: float, burst_s: float, rows: int
) -> tuple[list[Row], dict[str, Any]]:
    """Every writing row, the bus live and everything drained in between; and what one write costs all programs."""
    writes = Writes(ground, pools)
    whole: dict[str, Any] = {}
    found = []
    sorts = (
        (
            "create person",
            Goal(7, 300, 15),
            "contacts",
            writes.new_person(ground.url),
            writes.new_person(bare.gateway_url),
        ),
        ("create deal", Goal(8, 250, 15), "deals", writes.new_deal(ground.url), writes.new_deal(bare.gateway_url)),
        ("move deal", Goal(8, 300, 15), "deals", writes.move(ground.url), writes.move(bare.gateway_url, real=False)),
    )
    for name, goal, service, ours, theirs in sorts:
        who = (_GATEWAY, service, _POSTGRES)
        one = await acts(ground.authorization, ours, 1, seconds)
        await ground.drained(_QUIET_LIMIT_S)
        before = cpu_s(ground.pids)
        eight = await acts(ground.authorization, ours, CLIENTS, burst_s)
        drained = await ground.drained(_QUIET_LIMIT_S)
        after = cpu_s(ground.pids)
        await acts(ground.authorization, theirs, 1, 1.0)  # its first request makes its tables
        bare_one = await acts(ground.authorization, theirs, 1, seconds)
        bare_eight, bare_cpu = await _costed(acts(ground.authorization, theirs, CLIENTS, seconds), bare.pids, who)
        cpu = spent_ms(before, after, eight.requests)
        whole[name] = cpu
        found.append(
            Row(
                name,
                goal.at(rows),
                p50_ms=one.p50_ms,
                p95_ms=eight.p95_ms,
                per_s=eight.per_s,
                bare_p50_ms=bare_one.p50_ms,
                bare_per_s=bare_eight.per_s,
                cpu_ms={each: cpu[each] for each in who if each in cpu},
                bare_cpu_ms=bare_cpu,
                seconds=round(drained, 1),
                refused=one.refused + eight.refused + one.broken + eight.broken,
                note="" if not bare_eight.refused else f"bare refused {bare_eight.refused}",
            )
        )
    return found, whole


async def hooks_row(ground: Ground, people: int, burst_s: float, rows: int) -> tuple[Row, dict[str, float]]:
    """A burst of calls told by the PBX, and the time until all of it is folded, archived and on timelines."""
    calls = range(int(burst_s * _MOST_HOOKS_PER_S) // 2)
    # Both events of a call are in the pool, its beginnings before its ends, as a PBX would have many calls at once.
    asks = [told(ground, number, people, f"burst-{time.time_ns()}-{number}") for number in calls]
    pool = _interleaved(asks)
    before = cpu_s(ground.pids)
    load = await reads(ground.url, None, pool, CLIENTS, burst_s, "POST")
    drained = await ground.drained(_QUIET_LIMIT_S)
    spent = spent_ms(before, cpu_s(ground.pids), load.requests)
    again = load.requests > len(pool)
    row = Row(
        "webhooks accepted",
        Goal(per_s=800, seconds=60).at(rows),
        p50_ms=load.p50_ms,
        per_s=load.per_s,
        cpu_ms={each: spent[each] for each in (_GATEWAY, "telephony", _POSTGRES) if each in spent},
        seconds=round(drained, 1),
        refused=load.refused + load.broken,
        note="p50 of 8 clients" + (", the last ones were repeats" if again else ""),
    )
    return row, spent


def _interleaved(calls: Sequence[list[Ask]], width: int = 50) -> list[Ask]:
    pool: list[Ask] = []
    for first in range(0, len(calls), width):
        some = calls[first : first + width]
        pool += [events[0] for events in some] + [events[1] for events in some]
    return pool


async def _costed(running: Any, pids: Mapping[str, int], who: Sequence[str]) -> tuple[Load, dict[str, float]]:
    wanted = {name: pids[name] for name in who}
    before = cpu_s(wanted)
    load: Load = await running
    return load, spent_ms(before, cpu_s(wanted), load.requests)


async def _post(client: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> int:
    async with client.post(url, json=body) as answer:
        await answer.read()
        return answer.status
