"""All jobs of a caller, asked of every service that keeps some."""

import asyncio
from urllib.parse import urlencode

import orjson
from crm_chassis.access.principal import Principal
from crm_chassis.database import Database
from crm_chassis.imports import repository
from crm_chassis.imports.kinds import Kind
from crm_chassis.imports.repository import ORDER
from crm_chassis.imports.schemas import told
from crm_chassis.paging import ListQuery
from crm_chassis.problems import Problem

from crm_gateway.composed import HELPER_S
from crm_gateway.imports.rules import Job, merged
from crm_gateway.imports.teams import Teams
from crm_gateway.imports.users import Users
from crm_gateway.proxy.rules import IMPORTS
from crm_gateway.proxy.service import Passed, Proxy

OWN: tuple[Kind, ...] = (Teams(), Users())


async def page(
    proxy: Proxy, database: Database, caller: Principal, query: ListQuery
) -> tuple[list[Job], str | None, set[str]] | Passed:
    """The newest jobs after the cursor, the next cursor, and the services that are away; or an owner's refusal.

    Every owner keeps its jobs in the same order, so one cursor is good for all of them. Invalid for one that is none.
    """
    lists: list[tuple[list[Job], bool]] = []
    async with database.read() as reader:
        for kind in OWN:
            rows, following = await repository.page(reader, kind.name, caller.id, query.cursor, query.limit)
            lists.append(([told(row, kind).model_dump(mode="json") for row in rows], following is not None))
    asked = urlencode(query.model_dump(exclude_none=True))
    answers = await asyncio.gather(
        *(_ask(proxy, caller, service, f"/api/v1/imports/{kind}?{asked}") for kind, service in IMPORTS.items())
    )
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
