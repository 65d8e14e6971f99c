"""All jobs of a caller, asked of every service that keeps some."""

import asyncio
from urllib.parse import urlencode

import orjson
import sqlalchemy as sa
from crm_chassis.access.principal import Principal
from crm_chassis.paging import Keyset, ListQuery
from crm_chassis.problems import Problem

from crm_gateway.composed import HELPER_S
from crm_gateway.imports.rules import Job, merged
from crm_gateway.proxy.rules import IMPORTS
from crm_gateway.proxy.service import Passed, Proxy

# The order every owner keeps its jobs in, so that one cursor is good for all of them.
ORDER = Keyset(
    ("created_at", sa.column("created_at", sa.DateTime(timezone=True)), "desc"),
    ("id", sa.column("id", sa.Uuid()), "desc"),
)


async def page(proxy: Proxy, caller: Principal, query: ListQuery) -> tuple[list[Job], str | None, set[str]] | Passed:
    """The newest jobs after the cursor, the next cursor, and the services that are away; or an owner's refusal."""
    asked = urlencode(query.model_dump(exclude_none=True))
    answers = await asyncio.gather(
        *(_ask(proxy, caller, service, f"/api/v1/imports/{kind}?{asked}") for kind, service in IMPORTS.items())
    )
    lists: list[tuple[list[Job], bool]] = []
    away: set[str] = set()
    for service, answer in zip(IMPORTS.values(), answers, strict=True):
        if answer is not None and answer.status == 422:
            return answer
        if answer is None or answer.status != 200:
            away.add(service)
        else:
            assert isinstance(answer.body, bytes)
            listed = orjson.loads(answer.body)
            lists.append((listed["items"], listed["next_cursor"] is not None))
    jobs, place = merged(lists, query.limit)
    return jobs, ORDER.cursor(place) if place else None, away


async def _ask(proxy: Proxy, caller: Principal, service: str, target: str) -> Passed | None:
    try:
        return await proxy.get(service, target, caller, HELPER_S)
    except Problem:
        return None
