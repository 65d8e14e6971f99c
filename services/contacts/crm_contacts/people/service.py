"""Use cases on people: create, change, remove; and the one way a person's row and its events are written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, StaleVersion
from crm_contracts import contacts

from crm_contacts import attached, locks
from crm_contacts.companies import repository as companies
from crm_contacts.identities.rules import lock_keys, reconcile
from crm_contacts.identities.schemas import entries, relisted
from crm_contacts.identities.told import emails, lists_changed, phones
from crm_contacts.owners import check_owner
from crm_contacts.people import repository
from crm_contacts.people.repository import Person
from crm_contacts.people.schemas import Duplicate, PersonCreate, PersonOut, PersonPatch
from crm_contacts.removing import Card, tell_removed

MAX_DUPLICATES = 10
_TOLD = ("name", "company_id", "owner_id", "owner_source", "locale")


async def create(tx: Transaction, caller: Principal, body: PersonCreate, region: str) -> tuple[Person, list[Duplicate]]:
    """A new card stands, by default the caller's; beside it the visible cards it may duplicate.

    Forbidden without the right to create; Invalid for an owner or company the caller may not name. `region` reads
    national phone numbers.
    """
    require(caller, "person", "create")
    owner_id = body.owner_id if "owner_id" in body.model_fields_set else caller.id
    await check_owner(tx, caller, "person", "create", owner_id)
    await _check_company(tx, caller, body.company_id)
    given = entries(body, region)
    await locks.identities(tx, lock_keys(given))
    moment = now()
    person = Person(
        id=new_id(),
        name=body.name,
        company_id=body.company_id,
        owner_id=owner_id,
        owner_source="human",
        source=body.source,
        locale=body.locale,
        origin_call_id=None,
        created_at=moment,
        updated_at=moment,
        version=1,
        identities=tuple(reconcile([], given, new_id)),
    )
    repository.insert_at_end(tx, person)
    tell_created(tx, person)
    alike = await repository.duplicates(tx, caller, person.id, given, MAX_DUPLICATES)
    return person, [Duplicate.model_validate(row, from_attributes=True) for row in alike]


async def change(
    tx: Transaction, caller: Principal, person_id: UUID, patch: PersonPatch, version: int, region: str
) -> Person:
    """The card is as the patch says and its events tell so; a patch that changes nothing leaves no trace.

    NotFound when invisible, Forbidden when only readable, StaleVersion unless `version` is the current one.
    """
    found = await repository.lock_for(tx, caller, "update", person_id)
    if found is None:
        raise NotFound
    person, may_change = found
    if not may_change:
        raise Forbidden("You may see this person, not change it.")
    if person.version != version:
        raise StaleVersion(told(person).model_dump(mode="json"))
    sent = patch.model_fields_set
    fields: dict[str, Any] = {name: getattr(patch, name) for name in sent & {"name", "company_id", "locale"}}
    if "company_id" in sent and patch.company_id != person.company_id:
        await _check_company(tx, caller, patch.company_id)
    if "owner_id" in sent:
        await check_owner(tx, caller, "person", "update", patch.owner_id)
        fields |= {"owner_id": patch.owner_id, "owner_source": "human"}
    if sent & {"phones", "emails"}:
        fields["identities"] = relisted(person.identities, patch, region)
    return await save(tx, person, fields)


async def remove(tx: Transaction, caller: Principal, person_id: UUID, version: int) -> None:
    """The card that was entered by mistake is gone, and its event tells so.

    NotFound when invisible, Forbidden when only readable, StaleVersion unless `version` is the current one, Conflict
    when calls, history or merged cards hang on it.
    """
    found = await repository.lock_for(tx, caller, "delete", person_id)
    if found is None:
        raise NotFound
    person, may_remove = found
    if not may_remove:
        raise Forbidden("You may see this person, not remove it.")
    if person.version != version:
        raise StaleVersion(told(person).model_dump(mode="json"))
    if await remove_many(tx, [Card(person.id, person.owner_id, person.version)]):
        raise Conflict("Calls, history or merged cards hang on this person.", code="in_use")


async def remove_many(tx: Transaction, people: Sequence[Card]) -> set[UUID]:
    """The locked people are gone and told, with what is on them, but those in use, whose ids are answered.

    Few statements for however many. What other services have not told the timeline yet can not be known here: its
    items will be nobody's.
    """
    used = await repository.in_use(tx, [card.id for card in people])
    free = [card for card in people if card.id not in used]
    if free:
        await repository.drop(tx, [card.id for card in free])
        await attached.erase(tx, "person", {card.id: card.owner_id for card in free})
    tell_removed(tx, "person", free)
    return used


async def add(tx: Transaction, person: Person) -> None:
    """The person is stored and `contacts.person.created` is recorded."""
    await repository.insert(tx, person)
    tell_created(tx, person)


def tell_created(tx: Transaction, person: Person) -> None:
    """`contacts.person.created` is recorded of a person stored in this transaction."""
    tx.record(
        contacts.PERSON_CREATED,
        subject="person",
        id=person.id,
        sequence=person.version,
        data=state(person, [*_TOLD, "source", "phones", "emails"]),
    )


async def save(tx: Transaction, person: Person, fields: Mapping[str, Any]) -> Person:
    """The locked person with these fields changed, its version bumped and `contacts.person.updated` recorded.

    Nothing is written when nothing differs.
    """
    after, changed = changes(person, fields)
    if not changed:
        return person
    after = replace(after, version=person.version + 1, updated_at=now())
    await repository.update(tx, after, with_identities=after.identities != person.identities)
    tell_updated(tx, after, changed)
    return after


def tell_updated(tx: Transaction, person: Person, changed: list[str]) -> None:
    """`contacts.person.updated` is recorded of a person stored in this transaction as it is now."""
    tx.record(
        contacts.PERSON_UPDATED, subject="person", id=person.id, sequence=person.version, data=state(person, changed)
    )


def changes(person: Person, fields: Mapping[str, Any]) -> tuple[Person, list[str]]:
    """The person with these fields, and the names of those that differ, as events tell them."""
    after = replace(person, **fields)
    return after, differences(person, after)


def differences(before: Person, after: Person) -> list[str]:
    """Names of what differs between two versions of a person, as events tell them."""
    changed = [name for name in _TOLD if getattr(after, name) != getattr(before, name)]
    return [*changed, *lists_changed(before.identities, after.identities)]


def state(person: Person, changed: list[str]) -> contacts.PersonState:
    """The person as events tell it."""
    return contacts.PersonState(
        id=person.id,
        company_id=person.company_id,
        owner_id=person.owner_id,
        owner_source=person.owner_source,
        source=person.source,
        locale=person.locale,
        created_at=person.created_at,
        updated_at=person.updated_at,
        version=person.version,
        changed=changed,
        pii=contacts.PersonPii(name=person.name, phones=phones(person.identities), emails=emails(person.identities)),
    )


def told(person: Person) -> PersonOut:
    """The person as the API gives it."""
    return PersonOut(
        id=person.id,
        name=person.name,
        company_id=person.company_id,
        owner_id=person.owner_id,
        owner_source=person.owner_source,
        source=person.source,
        locale=person.locale,
        phones=phones(person.identities),
        emails=emails(person.identities),
        created_at=person.created_at,
        updated_at=person.updated_at,
        version=person.version,
    )


async def _check_company(tx: Transaction, caller: Principal, company_id: UUID | None) -> None:
    if company_id is not None and not await companies.is_visible(tx, caller, company_id):
        raise Invalid([FieldError("company_id", "unknown_company", "There is no such company.")])
