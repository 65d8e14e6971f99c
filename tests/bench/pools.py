"""What the measured requests ask for: ids, words, numbers and cursors, read once through the gateway."""

import random
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

from tests.bench import town
from tests.bench.ground import Ground
from tests.bench.load import Ask

SIZE = 200
"""How many different requests of one sort are asked in turn."""
_PAGE = 200


@dataclass(frozen=True)
class Deal:
    """A deal that can be moved."""

    id: str
    stage_id: str
    version: int


@dataclass(frozen=True)
class Pools:
    """Requests by the row of the table they are for, and what writes are about."""

    asks: dict[str, list[Ask]]
    people: list[str]
    deals: list[Deal]
    depth: int


async def pools(ground: Ground, rows: int, size: int = SIZE) -> Pools:
    """The list of people is walked to 90 % of its depth; every page leaves some of its people behind."""
    dice = random.Random("pools")
    depth = rows * 9 // 10
    ids: list[str] = []
    names: list[str] = []
    phones: list[str] = []
    headers = {"Authorization": ground.authorization}
    async with aiohttp.ClientSession(ground.url, headers=headers) as client:
        cursor, seen = None, 0
        # The cursor that stands before the page at that depth; the first page when there are so few.
        while seen + _PAGE <= depth or cursor is None:
            page = await _get(client, "/api/v1/people", {"limit": _PAGE, "sort": "-created_at"} | _after(cursor))
            items = page["items"]
            seen += len(items)
            for one in dice.sample(items, min(len(items), max(1, size * _PAGE // max(depth, 1)))):
                ids.append(one["id"])
                names.append(one["name"])
                phones += [phone["e164"] or phone["raw"] for phone in one["phones"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        deals = await _open_deals(client, ground)
    deep = f"/api/v1/people?limit=50&sort=-created_at&cursor={cursor}" if cursor else "/api/v1/people?limit=50"
    asks = {
        "list": [Ask("/api/v1/people?limit=50&sort=-created_at")],
        "depth": [Ask(deep)],
        "name": [Ask(f"/api/v1/search?q={part}") for part in _url_safe(town.name_parts(names, size))],
        "phone": [Ask(f"/api/v1/search?q={part}") for part in town.phone_parts(phones, size)],
        "card": [Ask(f"/api/v1/card/person/{id}") for id in ids[:size]],
        "board": [Ask(f"/api/v1/board?pipeline_id={ground.pipeline_id}")],
    }
    return Pools(asks, ids, deals, seen)


def _after(cursor: str | None) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


def _url_safe(parts: list[str]) -> list[str]:
    return [quote(part) for part in parts]


async def _open_deals(client: aiohttp.ClientSession, ground: Ground) -> list[Deal]:
    """Deals of the first open stages."""
    found: list[Deal] = []
    for stage in ground.open_stages():
        query: dict[str, Any] = {"limit": _PAGE, "stage_id": stage}
        page = await _get(client, "/api/v1/deals", query)
        found += [Deal(item["id"], item["stage_id"], item["version"]) for item in page["items"]]
    return found


async def _get(client: aiohttp.ClientSession, path: str, query: dict[str, Any]) -> Any:
    async with client.get(path, params=query) as answer:
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {await answer.text()}")
        return await answer.json()
