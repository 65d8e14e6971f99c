"""The use case of capture: a call finds its card or makes one, exactly once."""

from dataclasses import dataclass, replace
from uuid import UUID

from crm_chassis import aliases
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.metrics import counter
from crm_contracts import contacts
from crm_contracts.contacts import OwnerSource
from crm_contracts.telephony import CallState

from crm_contacts import locks
from crm_contacts.capture import repository
from crm_contacts.capture.repository import Link
from crm_contacts.capture.rules import Choice, answerer_takes_card, choose_owner, has_customer
from crm_contacts.identities import parsing
from crm_contacts.identities.rules import Entry, Identity, lock_keys
from crm_contacts.people import repository as people
from crm_contacts.people import service as people_service
from crm_contacts.people.repository import Person

LINKED = counter("contacts_calls_linked", "Calls tied to a card", ["direction", "card"])


@dataclass(frozen=True, slots=True)
class Decision:
    """The card of a call and who has it. `made` is true for a card that is not stored yet."""

    person: Person
    made: bool
    choice: Choice
    owner_id: UUID
    owner_source: OwnerSource


async def capture(tx: Transaction, call: CallState) -> None:
    """The call is tied to its card; an unknown inbound caller has a card now; an answer may have changed its owner.

    Waits for others who look for the same number. Repeating it, or telling it older states, changes nothing.
    """
    if not has_customer(call):
        return
    phone = Entry("phone", call.pii.phone, call.pii.phone_raw.strip() or call.pii.phone or "", "mobile")
    await locks.no_merge_meanwhile(tx)
    await locks.identities(tx, lock_keys([phone]))
    link = await repository.lock_link(tx, call.id)
    if link.person_id is None:
        decision = await _decide(tx, call, phone)
        if decision is not None:
            await _link(tx, call, decision)
    elif link.owner_source == "rule" and call.answered_by is not None:
        await _answered(tx, call, link)


async def _decide(tx: Transaction, call: CallState, phone: Entry) -> Decision | None:
    found = await _card_of(tx, call, phone)
    if found is None and call.direction == "out":
        return None
    person = found or _new_card(call, phone)
    users = {person.owner_id, call.answered_by, call.responsible_user_id, *call.ringing_user_ids}
    left = await repository.have_left(tx, users - {None})
    choice = await _choose(tx, call, person, left)
    source: OwnerSource = person.owner_source if choice.chosen_by == "card" else "rule"
    taker = answerer_takes_card(call, owner_source=source, made_by_call=person.origin_call_id is not None, left=left)
    return Decision(
        person=person,
        made=found is None,
        choice=choice,
        owner_id=taker or choice.owner_id,
        owner_source="answer" if taker else source,
    )


async def _card_of(tx: Transaction, call: CallState, phone: Entry) -> Person | None:
    if call.direction == "in":
        oldest = await repository.matches(tx, phone, limit=1)
        return await people.lock(tx, oldest[0]) if oldest else None
    if call.person_hint_id is not None:
        hinted = await aliases.resolve(tx.connection, "person", call.person_hint_id)
        person = await people.lock(tx, hinted)
        if person is not None:
            return person
    only = await repository.matches(tx, phone, limit=2)
    return await people.lock(tx, only[0]) if len(only) == 1 else None


async def _choose(tx: Transaction, call: CallState, person: Person, left: set[UUID]) -> Choice:
    """The rule's choice; the rota is locked and read only when the rule comes that far."""
    outbound = [call.responsible_user_id] if call.responsible_user_id else []
    ringing = call.ringing_user_ids if call.direction == "in" else outbound
    first = choose_owner(
        card_owner=person.owner_id, ringing=ringing, rota=(), fallback=call.fallback_user_id, left=left
    )
    if first.chosen_by != "fallback" or call.direction == "out" or call.line_team_id is None:
        return first
    await locks.rota(tx, call.line_team_id)
    return choose_owner(
        card_owner=None,
        ringing=(),
        rota=await repository.turns(tx, call.line_team_id),
        fallback=call.fallback_user_id,
        left=left,
    )


def _new_card(call: CallState, phone: Entry) -> Person:
    moment = now()
    return Person(
        id=new_id(),
        name=parsing.shown(phone.value) if phone.value else phone.raw,
        company_id=None,
        owner_id=None,
        owner_source="rule",
        source="call",
        locale=None,
        origin_call_id=call.id,
        created_at=moment,
        updated_at=moment,
        version=1,
        identities=(Identity(new_id(), phone),),
    )


async def _link(tx: Transaction, call: CallState, decision: Decision) -> None:
    person = decision.person
    owner = {"owner_id": decision.owner_id, "owner_source": decision.owner_source}
    if decision.made:
        person = replace(person, owner_id=decision.owner_id, owner_source=decision.owner_source)
        await people_service.add(tx, person)
    elif call.direction == "in":
        person = await people_service.save(tx, person, owner)
    link = Link(call.id, person.id, decision.made, decision.owner_id, decision.owner_source, version=1)
    await repository.link_first(tx, link, decision.choice)
    _tell(tx, call, person, link, ["person_id", "created", "owner_id", "owner_source"])
    direction, card = call.direction, "made" if decision.made else "found"
    tx.after_commit(lambda: LINKED.labels(direction, card).inc())


async def _answered(tx: Transaction, call: CallState, link: Link) -> None:
    assert link.person_id is not None
    person = await people.lock(tx, link.person_id)
    if person is None or call.answered_by is None:
        return
    left = await repository.have_left(tx, {call.answered_by})
    taker = answerer_takes_card(
        call, owner_source=person.owner_source, made_by_call=person.origin_call_id is not None, left=left
    )
    if taker is None:
        return
    person = await people_service.save(tx, person, {"owner_id": taker, "owner_source": "answer"})
    link = replace(link, owner_id=taker, owner_source="answer", version=link.version + 1)
    await repository.relink(tx, link)
    _tell(tx, call, person, link, ["owner_id", "owner_source"])


def _tell(tx: Transaction, call: CallState, person: Person, link: Link, changed: list[str]) -> None:
    assert call.direction != "internal"
    assert link.owner_id is not None
    assert link.owner_source is not None
    tx.record(
        contacts.CALL_LINKED,
        subject="call",
        id=call.id,
        sequence=link.version,
        data=contacts.CallLinked(
            call_id=call.id,
            person_id=person.id,
            created=link.created,
            direction=call.direction,
            line=call.line,
            started_at=call.started_at,
            owner_id=link.owner_id,
            owner_source=link.owner_source,
            version=link.version,
            changed=changed,
            pii=contacts.CallLinkedPii(phone=call.pii.phone, person_name=person.name),
        ),
    )
