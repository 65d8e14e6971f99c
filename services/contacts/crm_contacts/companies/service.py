"""Use cases on companies: create, change, remove."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import Conflict, Forbidden, NotFound, StaleVersion
from crm_contracts import contacts

from crm_contacts import attached
from crm_contacts.companies import repository
from crm_contacts.companies.repository import Company
from crm_contacts.companies.schemas import CompanyCreate, CompanyOut, CompanyPatch
from crm_contacts.identities.rules import reconcile
from crm_contacts.identities.schemas import entries, relisted
from crm_contacts.identities.told import emails, lists_changed, phones
from crm_contacts.owners import check_owner
from crm_contacts.removing import Card, tell_removed


async def create(tx: Transaction, caller: Principal, body: CompanyCreate, region: str) -> Company:
    """A new company stands, by default the caller's. Forbidden without the right; Invalid for a wrong owner."""
    require(caller, "company", "create")
    owner_id = body.owner_id if "owner_id" in body.model_fields_set else caller.id
    await check_owner(tx, caller, "company", "create", owner_id)
    moment = now()
    company = Company(
        id=new_id(),
        name=body.name,
        owner_id=owner_id,
        created_at=moment,
        updated_at=moment,
        version=1,
        identities=tuple(reconcile([], entries(body, region), new_id)),
    )
    await repository.insert(tx, company)
    tell_created(tx, company)
    return company


async def change(
    tx: Transaction, caller: Principal, company_id: UUID, patch: CompanyPatch, version: int, region: str
) -> Company:
    """The card is as the patch says and its event tells so; a patch that changes nothing leaves no trace.

    NotFound when invisible, Forbidden when only readable, StaleVersion unless `version` is the current one.
    """
    found = await repository.lock_for(tx, caller, "update", company_id)
    if found is None:
        raise NotFound
    company, may_change = found
    if not may_change:
        raise Forbidden("You may see this company, not change it.")
    if company.version != version:
        raise StaleVersion(told(company).model_dump(mode="json"))
    sent = patch.model_fields_set
    if "owner_id" in sent:
        await check_owner(tx, caller, "company", "update", patch.owner_id)
    fields: dict[str, Any] = {name: getattr(patch, name) for name in sent & {"name", "owner_id"}}
    if sent & {"phones", "emails"}:
        fields["identities"] = relisted(company.identities, patch, region)
    return await _save(tx, company, fields)


async def remove(tx: Transaction, caller: Principal, company_id: UUID, version: int) -> None:
    """The card that was entered by mistake is gone, and its event tells so.

    NotFound when invisible, Forbidden when only readable, StaleVersion unless `version` is the current one, Conflict
    when people or history hang on it.
    """
    found = await repository.lock_for(tx, caller, "delete", company_id)
    if found is None:
        raise NotFound
    company, may_remove = found
    if not may_remove:
        raise Forbidden("You may see this company, not remove it.")
    if company.version != version:
        raise StaleVersion(told(company).model_dump(mode="json"))
    if await remove_many(tx, [Card(company.id, company.owner_id, company.version)]):
        raise Conflict("People or history hang on this company.", code="in_use")


async def remove_many(tx: Transaction, companies: Sequence[Card]) -> set[UUID]:
    """The locked companies are gone and told, with what is on them, but those in use, whose ids are answered.

    Few statements for however many.
    """
    used = await repository.in_use(tx, [card.id for card in companies])
    free = [card for card in companies if card.id not in used]
    if free:
        await repository.drop(tx, [card.id for card in free])
        await attached.erase(tx, "company", {card.id: card.owner_id for card in free})
    tell_removed(tx, "company", free)
    return used


async def _save(tx: Transaction, company: Company, fields: Mapping[str, Any]) -> Company:
    after = replace(company, **fields)
    changed = differences(company, after)
    if not changed:
        return company
    after = replace(after, version=company.version + 1, updated_at=now())
    await repository.update(tx, after, with_identities=after.identities != company.identities)
    tell_updated(tx, after, changed)
    return after


def differences(before: Company, after: Company) -> list[str]:
    """Names of what differs between two versions of a company, as events tell them."""
    changed = [name for name in ("name", "owner_id") if getattr(after, name) != getattr(before, name)]
    return [*changed, *lists_changed(before.identities, after.identities)]


def tell_created(tx: Transaction, company: Company) -> None:
    """`contacts.company.created` is recorded of a company stored in this transaction."""
    _record(tx, contacts.COMPANY_CREATED, company, ["name", "owner_id", "phones", "emails"])


def tell_updated(tx: Transaction, company: Company, changed: list[str]) -> None:
    """`contacts.company.updated` is recorded of a company stored in this transaction as it is now."""
    _record(tx, contacts.COMPANY_UPDATED, company, changed)


def state(company: Company, changed: list[str]) -> contacts.CompanyState:
    """The company as events tell it."""
    return contacts.CompanyState(
        id=company.id,
        name=company.name,
        owner_id=company.owner_id,
        created_at=company.created_at,
        updated_at=company.updated_at,
        version=company.version,
        changed=changed,
        pii=contacts.CompanyPii(phones=phones(company.identities), emails=emails(company.identities)),
    )


def told(company: Company) -> CompanyOut:
    """The company as the API gives it."""
    return CompanyOut(
        id=company.id,
        name=company.name,
        owner_id=company.owner_id,
        phones=phones(company.identities),
        emails=emails(company.identities),
        created_at=company.created_at,
        updated_at=company.updated_at,
        version=company.version,
    )


def _record(tx: Transaction, event: str, company: Company, changed: list[str]) -> None:
    tx.record(event, subject="company", id=company.id, sequence=company.version, data=state(company, changed))
