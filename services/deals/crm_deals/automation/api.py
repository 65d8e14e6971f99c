"""Routes of automation: rules for those who may manage them, runs for whoever sees the deal."""

from typing import Annotated
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query

from crm_deals.automation import repository, service
from crm_deals.automation.schemas import RuleCreate, RuleOut, RulePatch, RuleQuery, RunOut, RunQuery

router = APIRouter(tags=["automation"])


@router.get("/automation-rules", response_model=Page[RuleOut])
async def list_rules(query: Annotated[RuleQuery, Query()], caller: Caller, connection: Reader) -> JSON:
    """Rules, oldest first."""
    if caller.scope("automation", "read") is None:
        return JSON(Page[RuleOut](items=[], next_cursor=None))
    rows, next_cursor = await repository.rules(connection, query)
    return JSON(Page[RuleOut](items=[service.rule_out(row) for row in rows], next_cursor=next_cursor))


@router.post("/automation-rules", response_model=RuleOut, status_code=201)
async def create_rule(body: RuleCreate, caller: Caller, tx: Tx, once: Once) -> JSON:
    """A new rule."""
    rule = await service.create_rule(tx, caller, body, now())
    return await once.reply(201, rule, etag=rule.version)


@router.get("/automation-rules/{id}", response_model=RuleOut)
async def get_rule(id: UUID, caller: Caller, connection: Reader) -> JSON:
    """One rule."""
    row = await repository.rule(connection, id)
    if row is None or caller.scope("automation", "read") is None:
        raise NotFound()
    return JSON(service.rule_out(row), etag=row.version)


@router.patch("/automation-rules/{id}", response_model=RuleOut)
async def patch_rule(id: UUID, patch: RulePatch, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
    """Stage, channel, template, whether it is active."""
    rule = await service.patch_rule(tx, caller, id, version, patch)
    return JSON(rule, etag=rule.version)


@router.get("/automation-runs", response_model=Page[RunOut])
async def list_runs(query: Annotated[RunQuery, Query()], caller: Caller, connection: Reader) -> JSON:
    """What rules did, newest first, for deals the caller may see."""
    rows, next_cursor = await repository.runs(connection, caller, query)
    items = [RunOut(**{name: getattr(row, name) for name in RunOut.model_fields}) for row in rows]
    return JSON(Page[RunOut](items=items, next_cursor=next_cursor))
