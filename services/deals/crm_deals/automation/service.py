"""Use cases of automation."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.aliases import resolve
from crm_chassis.context import current
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import FieldError, Invalid, NotFound, StaleVersion
from crm_contracts.deals import DealState
from crm_contracts.notifications import SEND_MESSAGE, SendMessage, SendMessagePii

from crm_deals.automation import repository
from crm_deals.automation.schemas import RuleCreate, RuleOut, RulePatch
from crm_deals.cards.repository import person_name
from crm_deals.deals import repository as deals
from crm_deals.pipelines import repository as pipelines
from crm_deals.pipelines.rules import MEASURING

LATE_AFTER = timedelta(hours=24)
"""How late an entry into a stage may be heard of and still be told to the customer."""

DEFAULT_KEY = "default:measuring_booked"
DEFAULT_TEMPLATE = "measuring_booked"


async def make_default_rule(tx: Transaction, now: datetime) -> None:
    """Entering the default pipeline's measuring stage sends an e-mail; made once ever."""
    for stage in await pipelines.default(tx.connection):
        if stage.stage_name == MEASURING:
            await repository.add_rule(
                tx,
                {
                    "id": new_id(),
                    "stage_id": stage.stage_id,
                    "channel": "email",
                    "template_key": DEFAULT_TEMPLATE,
                    "active": True,
                    "origin_key": DEFAULT_KEY,
                    "created_at": now,
                    "version": 1,
                },
            )


async def create_rule(tx: Transaction, caller: Principal, body: RuleCreate, now: datetime) -> RuleOut:
    """The rule is set off by every later entry into its stage."""
    require(caller, "automation", "create")
    await _check_stage(tx, body.stage_id)
    values = body.model_dump() | {"id": new_id(), "created_at": now, "version": 1}
    row = await repository.add_rule(tx, values)
    assert row is not None  # a rule made by hand has no origin key to collide with
    return rule_out(row)


async def patch_rule(tx: Transaction, caller: Principal, id: UUID, version: int, patch: RulePatch) -> RuleOut:
    """The rule stands as patched."""
    row = await repository.locked_rule(tx, id)
    if row is None or caller.scope("automation", "read") is None:
        raise NotFound()
    require(caller, "automation", "update")
    if row.version != version:
        raise StaleVersion(rule_out(row))
    values = {name: value for name, value in patch.given().items() if row._mapping[name] != value}
    if not values:
        return rule_out(row)
    if "stage_id" in values:
        await _check_stage(tx, values["stage_id"])
    return rule_out(await repository.change_rule(tx, id, values))


async def stage_entered(tx: Transaction, deal: DealState, happened_at: datetime, now: datetime) -> None:
    """Each active rule of the stage has run once for this entry: one command, when there is a person to write to.

    A deal removed meanwhile was entered by mistake: nobody hears of it.
    """
    rules = await repository.active_rules(tx, deal.stage_id)
    if rules and not await deals.keep_standing(tx, deal.id):
        return
    for rule in rules:
        run = {
            "id": new_id(),
            "rule_id": rule.id,
            "stage_entry_id": deal.stage_entry_id,
            "deal_id": deal.id,
            "result": "sent" if deal.person_id else "no_person",
            "ran_at": now,
            "correlation_id": current().correlation_id,
        }
        if await repository.add_run(tx, run) and deal.person_id:
            person_id = await resolve(tx.connection, "person", deal.person_id)
            tx.command(SEND_MESSAGE, await _message(tx, rule, deal, person_id, happened_at))


async def _message(
    tx: Transaction, rule: sa.Row[Any], deal: DealState, person_id: UUID, happened_at: datetime
) -> SendMessage:
    return SendMessage(
        dedupe_key=f"auto:{rule.id}:{deal.stage_entry_id}",
        channel=rule.channel,
        template_key=rule.template_key,
        person_id=person_id,
        deal_id=deal.id,
        owner_id=deal.owner_id,
        not_after=happened_at + LATE_AFTER,
        pii=SendMessagePii(
            variables={
                "person_name": await person_name(tx.connection, person_id) or "",
                "deal_title": deal.pii.title,
                "amount": deal.amount,
                "currency": deal.currency,
                "stage_name": rule.stage_name,
                "owner_name": await repository.staff_name(tx, deal.owner_id) or "",
            }
        ),
    )


def rule_out(row: sa.Row[Any]) -> RuleOut:
    """The rule as the API tells it."""
    return RuleOut(**{name: getattr(row, name) for name in RuleOut.model_fields})


async def _check_stage(tx: Transaction, stage_id: UUID) -> None:
    if not await repository.stage_exists(tx, stage_id):
        raise Invalid([FieldError("stage_id", "unknown_stage", "There is no such stage.")])
