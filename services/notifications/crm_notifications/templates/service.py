"""Use cases of templates."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import Conflict, FieldError, Invalid, NotFound, StaleVersion
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_notifications.house import House
from crm_notifications.sms.rules import segment
from crm_notifications.templates import repository, rules
from crm_notifications.templates.defaults import DEFAULTS
from crm_notifications.templates.rules import TemplateRefused, Wording
from crm_notifications.templates.schemas import NewTemplate, PreviewOut, PreviewRequest, TemplateOut, TemplatePatch


def refusal(error: TemplateRefused) -> Invalid:
    """The refusal as the API tells it."""
    return Invalid([FieldError(error.field, error.code, error.message)])


def out(row: sa.Row[Any]) -> TemplateOut:
    """The row as the API shows it."""
    return TemplateOut.model_validate(row, from_attributes=True)


async def create(tx: Transaction, caller: Principal, body: NewTemplate) -> sa.Row[Any]:
    """The template exists; Conflict when key, locale and channel are taken, Invalid when it says too much."""
    require(caller, "template", "create")
    _check(body.channel, Wording(body.subject, body.text, body.html))
    row = await repository.add(tx, {"id": new_id(), **body.model_dump()})
    if row is None:
        raise Conflict(f"{body.key} has a template for {body.locale} and {body.channel}.", code="template_exists")
    return row


async def change(tx: Transaction, caller: Principal, id: UUID, version: int, patch: TemplatePatch) -> sa.Row[Any]:
    """The template says what the patch says and is one version on; messages already written stay as they are."""
    row = await repository.find_for_change(tx, id)
    if row is None or caller.scope("template", "read") is None:
        raise NotFound
    require(caller, "template", "update")
    if row.version != version:
        raise StaleVersion(current=out(row))
    given = patch.model_dump(exclude_unset=True)
    wording = Wording(given.get("subject", row.subject), given.get("text", row.text), given.get("html", row.html))
    _check(row.channel, wording)
    return await repository.change(tx, id, wording.subject, wording.text, wording.html)


async def preview(
    connection: AsyncConnection, caller: Principal, house: House, key: str, request: PreviewRequest
) -> PreviewOut:
    """What a customer would read; nothing is stored. Invalid when a variable is missing."""
    if caller.scope("template", "read") is None:
        raise NotFound
    locales = rules.locale_order(request.locale, house.locale)
    row = await repository.best(connection, key, request.channel, locales)
    if row is None:
        raise NotFound
    try:
        written = rules.render(row.channel, wording_of(row), {"company_name": house.company_name, **request.variables})
    except TemplateRefused as error:
        raise refusal(error) from error
    return PreviewOut(
        locale=row.locale,
        channel=row.channel,
        subject=written.subject,
        text=written.text,
        html=written.html,
        parts=len(segment(written.text).parts) if row.channel == "sms" else 1,
    )


def wording_of(row: sa.Row[Any]) -> Wording:
    """The sources of a template's row."""
    return Wording(row.subject, row.text, row.html)


async def bootstrap(tx: Transaction) -> None:
    """The default templates exist; one changed by the company stays as it is. Safe to repeat."""
    for default in DEFAULTS:
        await repository.add(tx, {"id": new_id(), **default})


def _check(channel: rules.Channel, wording: Wording) -> None:
    try:
        rules.check(channel, wording)
    except TemplateRefused as error:
        raise refusal(error) from error
