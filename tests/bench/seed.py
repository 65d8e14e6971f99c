"""Filling a stack the ways customers come in: files through the imports, calls as an old system's.

`by_hand` enters the same one by one, for small runs.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from crm_runner.demo.importing import Import
from crm_telephony.adapters.emulated import generic_pbx

from tests.bench import town
from tests.bench.cost import resident_mb
from tests.bench.ground import EXTENSIONS, LISTENERS, SECRET, Ground
from tests.bench.load import Ask, each_once

A_FILE = 100_000
"""Rows of one file: well below the 50 MB an import takes."""
_WIDTH = 8
_TAKEN_AT_ONCE = 500
_DAYS = 400
_OWNERS = {"people": "contacts", "companies": "contacts", "deals": "deals"}


def files(kind: str, count: int, ground: Ground, people: int) -> Iterator[tuple[int, bytes]]:
    """The rows of a kind as files, each with the number of its rows."""
    for first in range(0, count, A_FILE):
        numbers = range(first, min(first + A_FILE, count))
        yield len(numbers), _FILES[kind](numbers, ground, people)


def _people(numbers: range, _: Ground, __: int) -> bytes:
    each = map(town.person, numbers)
    return town.as_csv(("Name", "Phone", "E-mail"), ((one.name, one.phone, one.email) for one in each))


def _companies(numbers: range, _: Ground, __: int) -> bytes:
    each = map(town.company, numbers)
    return town.as_csv(("Name", "Phone", "E-mail"), ((one.name, one.phone, one.email) for one in each))


def _deals(numbers: range, ground: Ground, people: int) -> bytes:
    """In the open stages and won, evenly; entered and closed at some time of the last year."""
    stages = [stage for stage in ground.stages if stage["kind"] != "lost"]
    head = ("Number", "Title", "Stage", "Person", "Amount", "Currency", "Opened on", "Closed on")

    today = datetime.now(UTC).date()

    def rows() -> Iterator[tuple[str, ...]]:
        for number in numbers:
            work = town.deal(number, people, len(stages))
            opened = today - timedelta(days=1 + number % _DAYS)
            closed = min(opened + timedelta(days=20), today) if stages[work.stage]["kind"] == "won" else None
            phone = town.person(work.person).phone
            row = (f"B-{number}", work.title, str(stages[work.stage]["name"]), phone, work.amount, "EUR")
            yield (*row, opened.isoformat(), closed.isoformat() if closed else "")

    return town.as_csv(head, rows())


_FILES = {"people": _people, "companies": _companies, "deals": _deals}


async def by_import(ground: Ground, kind: str, count: int, people: int, folder: Path) -> dict[str, Any]:
    """So many rows of the kind went in through imports; rows a second, and what the owner's process came to."""
    spent = dict.fromkeys(("ready", "checked", "done"), 0.0)
    client = ground.company.client("Marko")
    memory: list[float] = []
    watching = asyncio.create_task(_watch(ground.pids[_OWNERS[kind]], memory))
    for rows, content in files(kind, count, ground, people):
        file = folder / f"{kind}.csv"
        file.write_bytes(content)
        job = Import(client, kind, lambda _: None)
        for step in (partial(job.send, file), job.check, job.commit):
            began = time.monotonic()
            await asyncio.to_thread(step)
            spent[job.job["state"]] += time.monotonic() - began
        made = job.counts.get("create", 0)
        if made != rows:
            raise RuntimeError(f"the import of {kind} made {made} of {rows}: {job.counts}")
    watching.cancel()
    return {
        "rows": count,
        "seconds": round(sum(spent.values()), 1),
        "rows_per_s": round(count / sum(spent.values()), 1),
        "read_s": round(spent["ready"], 1),
        "checked_s": round(spent["checked"], 1),
        "written_s": round(spent["done"], 1),
        "peak_mb": max(memory),
    }


async def _watch(pid: int, seen: list[float]) -> None:
    while True:
        seen.append(resident_mb(pid))
        await asyncio.sleep(0.2)


async def by_hand(ground: Ground, kind: str, count: int, people: list[str]) -> dict[str, Any]:
    """So many rows of the kind were entered one by one; `people` are ids of whom deals are."""
    stages = ground.open_stages()

    def body(number: int) -> dict[str, Any]:
        if kind == "deals":
            work = town.deal(number, len(people), len(stages))
            return {
                "title": work.title,
                "pipeline_id": ground.pipeline_id,
                "stage_id": stages[work.stage],
                "person_id": people[work.person],
                "amount": work.amount,
            }
        one = town.person(number) if kind == "people" else town.company(number)
        return {"name": one.name, "phones": [{"raw": one.phone}], "emails": [{"address": one.email}]}

    async def enter(client: aiohttp.ClientSession, number: int) -> None:
        async with client.post(f"{ground.url}/api/v1/{kind}", json=body(number)) as answer:
            if answer.status != 201:
                raise RuntimeError(f"a row of {kind} was answered {answer.status}: {await answer.text()}")
            await answer.read()

    seconds = await each_once(ground.authorization, range(count), enter, _WIDTH)
    return {"rows": count, "seconds": round(seconds, 1), "rows_per_s": round(count / seconds, 1)}


async def calls(ground: Ground, count: int, people: int) -> dict[str, Any]:
    """So many calls of the last weeks were taken over from an old system; calls a second."""
    client = ground.company.client("Nadja")
    users = [ground.company.client(name).id for name in LISTENERS]
    began = time.monotonic()
    for first in range(0, count, _TAKEN_AT_ONCE):
        some = range(first, min(first + _TAKEN_AT_ONCE, count))
        body = {"connection_id": ground.connection_id, "calls": [_past(number, people, users) for number in some]}
        taken = (await asyncio.to_thread(client.post, "/api/v1/calls/past", body))["taken"]
        if taken != len(some):
            raise RuntimeError(f"{taken} of {len(some)} calls were taken")
    seconds = time.monotonic() - began
    return {"rows": count, "seconds": round(seconds, 1), "rows_per_s": round(count / seconds, 1)}


def _past(number: int, people: int, users: Sequence[str]) -> dict[str, Any]:
    """A call of somebody known, answered but for every fifth."""
    dice = random.Random(f"call {number}")
    started_at = datetime.now(UTC) - timedelta(days=1, seconds=dice.randrange(_DAYS * 86_400))
    answered = number % 5 > 0
    return {
        "id": f"seed-{number}",
        "direction": "in",
        "result": "answered" if answered else "missed",
        "phone": town.person(dice.randrange(people)).phone,
        "user_id": dice.choice(users),
        "started_at": started_at.isoformat(),
        "ring_s": dice.randrange(3, 25),
        "talk_s": dice.randrange(20, 600) if answered else 0,
    }


def told(ground: Ground, number: int, people: int, call_id: str) -> list[Ask]:
    """What the PBX posts of one call that was answered and is over: signed now, by a known caller."""
    dice = random.Random(f"call {number}")
    phone = town.person(dice.randrange(people)).phone
    now = time.time()
    extension = dice.choice(EXTENSIONS)
    common = {"direction": "in", "from": phone, "to": extension, "extension": extension}
    talked = dice.randrange(20, 600)
    events = [
        generic_pbx.event("call.answered", call_id, now - talked, **common),
        generic_pbx.event("call.ended", call_id, now, **common),
    ]
    requests = [generic_pbx.signed(event, SECRET, now) for event in events]
    return [Ask(ground.hook_path, one.headers["X-Signature"], one.body.decode()) for one in requests]
