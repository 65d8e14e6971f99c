"""Use cases of messages: order one by command or by hand, read, decide about an uncertain one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import require, visible
from crm_chassis.access.principal import Principal
from crm_chassis.aliases import resolve
from crm_chassis.attempts import NotYet
from crm_chassis.context import current
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.metrics import counter
from crm_chassis.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, StaleVersion
from crm_chassis.references import require_reference
from crm_contracts.notifications import SendMessage

from crm_notifications.addresses import repository as addresses
from crm_notifications.addresses.models import person_address
from crm_notifications.house import House
from crm_notifications.messages import repository
from crm_notifications.messages.changes import move, tell
from crm_notifications.messages.models import message
from crm_notifications.messages.rules import Decision, KnownPhone, Status, after_decision, sms_number
from crm_notifications.messages.schemas import MessageOut, NewMessage
from crm_notifications.sms.rules import segment
from crm_notifications.templates import repository as templates
from crm_notifications.templates import rules as wordings
from crm_notifications.templates.rules import TemplateRefused, Wording
from crm_notifications.templates.service import refusal, wording_of

DROPPED = counter("messages_dropped", "Orders to send that made no message, by reason", ["reason"])


class PersonNotCopied(NotYet):
    """The order came before the card: it is tried again by the retry ladder, and is dead if the card never comes."""


class TemplateMissing(Exception):
    """No template of this key for this channel in any language we could write in."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What every message begins with, however it was ordered."""

    channel: wordings.Channel
    person: sa.Row[Any]
    person_id: UUID
    owner_id: UUID | None
    template_key: str | None
    deal_id: UUID | None = None
    dedupe_key: str | None = None
    not_after: datetime | None = None
    automatic: bool = False


def out(row: sa.Row[Any]) -> MessageOut:
    """The row as the API shows it."""
    fields = {name: row._mapping[name] for name in MessageOut.model_fields if name != "to"}
    return MessageOut(to=row.to_address, **fields)


async def queue_by_command(tx: Transaction, house: House, command: SendMessage, at: datetime) -> None:
    """There is exactly one message of this dedupe key, ever; or none, counted, when `not_after` has passed.

    What can not be sent (no address, no template, a variable missing) is a failed message for people to see.
    PersonNotCopied when the addresses do not know the person yet.
    """
    if command.not_after is not None and at > command.not_after:
        DROPPED.labels("too_late").inc()
        return
    person = await addresses.find(tx, command.person_id)
    if person is None:
        raise PersonNotCopied("the person's card has not come yet")
    draft = _Draft(
        channel=command.channel,
        person=person,
        person_id=person.person_id,
        owner_id=command.owner_id,
        template_key=command.template_key,
        deal_id=command.deal_id,
        dedupe_key=command.dedupe_key,
        not_after=command.not_after,
        automatic=True,
    )
    error = detail = None
    try:
        written = await _write(tx, house, draft, command.template_key, command.pii.variables)
    except TemplateMissing:
        written, error = Wording(None, "", None), "template_missing"
    except TemplateRefused as refused:
        written, error, detail = Wording(None, "", None), f"template_{refused.code}", refused.message
    if error is None and _address(draft) is None:
        error = "no_address"
    if await _add(tx, draft, written, at, error=error, detail=detail) is None:
        DROPPED.labels("duplicate").inc()


async def queue_by_hand(
    tx: Transaction, house: House, caller: Principal, body: NewMessage, at: datetime
) -> sa.Row[Any]:
    """The message is queued and belongs to the caller; Invalid when the person can not be reached that way."""
    require(caller, "message", "create")
    living = await resolve(tx.connection, "person", body.person_id)
    seen = sa.select(person_address).where(
        person_address.c.person_id == living, visible(caller, "person", "read", person_address.c.owner_id)
    )
    person = (await tx.execute(seen)).first()
    require_reference(caller, "person", body.person_id, person is not None)
    person = person or await addresses.find(tx, body.person_id)
    if person is None:
        raise Conflict("The card is newer than the address book; try again in a moment.", code="person_not_copied")
    draft = _Draft(
        channel=body.channel,
        person=person,
        person_id=person.person_id,
        owner_id=caller.id,
        template_key=body.template_key,
    )
    if (body.template_key is None) == (body.text is None) or (body.template_key and body.subject is not None):
        raise Invalid([FieldError("text", "template_or_text", "Either a template_key, or a text of your own.")])
    if _address(draft) is None:
        raise Invalid([FieldError("person_id", "no_address", f"The card has no address for {body.channel}.")])
    try:
        if body.template_key is not None:
            written = await _write(tx, house, draft, body.template_key, body.variables)
        else:
            written = Wording(body.subject, body.text or "", None)
            wordings.check_plain(body.channel, written.subject, written.text)
    except TemplateMissing:
        raise Invalid(
            [FieldError("template_key", "template_missing", "There is no such template for this channel.")]
        ) from None
    except TemplateRefused as error:
        raise refusal(error) from error
    row = await _add(tx, draft, written, at)
    assert row is not None  # without a dedupe key nothing can be a duplicate
    return row


async def resolve_uncertain(
    tx: Transaction, caller: Principal, id: UUID, version: int, decision: Decision, at: datetime
) -> sa.Row[Any]:
    """The uncertain message is what the person decided; `resend` queues it for a new attempt under a new name."""
    row = await repository.lock(tx, id)
    if row is None or await repository.find(tx.connection, id, readable(caller)) is None:
        raise NotFound
    if await repository.find(tx.connection, id, visible(caller, "message", "update", message.c.owner_id)) is None:
        raise Forbidden("You may not decide about this message.")
    if row.version != version:
        raise StaleVersion(current=out(row))
    if row.status != Status.UNCERTAIN:
        raise Conflict("Only an uncertain message needs a decision.", code="not_uncertain")
    error = "declared_failed" if decision == "failed" else None
    return await move(tx, row, after_decision(decision), at, error=error)


def readable(caller: Principal) -> sa.ColumnElement[bool]:
    """The condition under which the caller sees a message."""
    return visible(caller, "message", "read", message.c.owner_id)


def _address(draft: _Draft) -> str | None:
    if draft.channel == "sms":
        return sms_number([KnownPhone(phone["e164"], phone["kind"]) for phone in draft.person.phones])
    return next(iter(draft.person.emails), None)


async def _write(tx: Transaction, house: House, draft: _Draft, key: str, variables: Mapping[str, str]) -> Wording:
    """The template's words in the person's language; what the order says, if not empty, goes before what we know."""
    locales = wordings.locale_order(draft.person.locale, house.locale)
    row = await templates.best(tx.connection, key, draft.channel, locales)
    if row is None:
        raise TemplateMissing
    known = {"person_name": draft.person.name, "company_name": house.company_name}
    if draft.owner_id and (owner_name := await repository.colleague_name(tx, draft.owner_id)):
        known["owner_name"] = owner_name
    said = {name: value for name, value in variables.items() if value or name not in known}
    return wordings.render(draft.channel, wording_of(row), known | said)


async def _add(
    tx: Transaction,
    draft: _Draft,
    written: Wording,
    at: datetime,
    *,
    error: str | None = None,
    detail: str | None = None,
) -> sa.Row[Any] | None:
    """The message is queued, or failed with `error`, and told; None when its dedupe key was used before."""
    row = await repository.add(
        tx,
        {
            "id": new_id(),
            "dedupe_key": draft.dedupe_key,
            "channel": draft.channel,
            "status": (Status.FAILED if error else Status.QUEUED).value,
            "template_key": draft.template_key,
            "person_id": draft.person_id,
            "deal_id": draft.deal_id,
            "owner_id": draft.owner_id,
            "to_address": _address(draft),
            "subject": written.subject,
            "text": written.text,
            "html": written.html,
            "parts": len(segment(written.text).parts) if draft.channel == "sms" else 1,
            "automatic": draft.automatic,
            "error": error,
            "error_detail": detail,
            "not_after": draft.not_after,
            "queued_at": at,
            "correlation_id": current().correlation_id,
        },
    )
    if row is not None:
        tell(tx, row, ["status", *(["error"] if error else [])], at)
    return row
