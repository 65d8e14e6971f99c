"""People from a file: known by a phone or e-mail; without one by their name and company."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.imports.kinds import Finding, Row, Run, Written
from pydantic import BaseModel, ConfigDict

from crm_contacts import attached
from crm_contacts.companies import repository as companies
from crm_contacts.companies import service as company_service
from crm_contacts.companies.repository import Company
from crm_contacts.imports import columns, drafts, repository
from crm_contacts.imports.cards import CardKind
from crm_contacts.imports.colleagues import Colleagues
from crm_contacts.imports.deciding import Decider, Decision, Place, Seen, keys_of
from crm_contacts.imports.drafts import Draft, Refused
from crm_contacts.imports.repository import COMPANIES, PEOPLE
from crm_contacts.imports.rules import Update
from crm_contacts.people import service
from crm_contacts.people.repository import Person
from crm_contacts.people.schemas import Source
from crm_contacts.removing import Card

_NEW = "new_companies"


class PeopleOptions(BaseModel):
    """`owner_id` has the new cards of rows that name nobody (left out: who imports), `source` is where those come
    from that do not say; `update` says what a row may change on a card that is there: what is empty, or all it says.
    With `create_companies` a company nobody knows is made, once per name."""

    model_config = ConfigDict(extra="forbid")

    owner_id: UUID | None = None
    source: Source = "import"
    update: Update = "fill"
    create_companies: bool = False


class People(CardKind[Person]):
    """The kind `people`."""

    name = "people"
    fields = columns.PERSON
    options = PeopleOptions
    noun = "person"
    cards = PEOPLE

    def read(self, row: Row) -> Draft | Refused:
        """What the row says of a person."""
        return drafts.person(row, self._region)

    async def decide(self, run: Run, drafts: Sequence[Draft], *, lock: bool) -> list[Decision[Person]]:
        """What each row does to people."""
        options: PeopleOptions = run.options
        colleagues = await Colleagues.read(run.tx)
        names = {draft.company for draft in drafts if draft.company}
        keys = await repository.name_keys(run.tx, names.union(draft.name for draft in drafts))
        readable = await self._readable(run, colleagues, {keys[name] for name in names})
        wanted = [(keys[draft.name], readable.get(keys.get(draft.company or "", ""), [])) for draft in drafts]
        named = await repository.people_named(
            run.tx, {(key, places[0] if places else None) for key, places in wanted if len(places) < 2}
        )
        reached = await PEOPLE.reached_by(run.tx, [entry for draft in drafts for entry in draft.entries])
        cards = await PEOPLE.load(run.tx, named.union(*reached.values()), lock=lock)
        if lock:
            there = await repository.hold_companies(run.tx, {id for ids in readable.values() for id in ids})
            readable = {key: [id for id in ids if id in there] for key, ids in readable.items()}
        by_name: dict[tuple[str, UUID | None], set[UUID]] = {}
        for id, (card, key) in cards.items():
            by_name.setdefault((key, card.company_id), set()).add(id)
        seen = Seen(colleagues, cards, keys, reached, by_name, _places(run, names, keys, readable))
        seen = replace(seen, claimed=await run.claimed(keys_of("person", drafts, seen)))
        owner_id = options.owner_id or run.caller.id
        decider = Decider("person", seen, run.caller, owner_id, options.update, by_name="bare")
        return [decider.decide(draft) for draft in drafts]

    async def _readable(self, run: Run, colleagues: Colleagues, keys: Collection[str]) -> dict[str, list[UUID]]:
        """Companies the caller may read, by their searchable names."""
        return {
            key: [each.id for each in found if colleagues.may_reach(run.caller, "company", "read", each.owner_id)]
            for key, found in (await repository.companies_named(run.tx, keys)).items()
        }

    def made(self, run: Run, decision: Decision[Person], moment: datetime) -> Person:
        """The person a row makes."""
        draft: Draft = decision.judged.plan
        return Person(
            id=new_id(),
            owner_source="human",
            source=draft.source or run.options.source,
            origin_call_id=None,
            created_at=moment,
            updated_at=moment,
            version=1,
            **decision.fields,
        )

    async def beforehand(
        self, run: Run, todo: Sequence[Decision[Person]], moment: datetime
    ) -> dict[int, dict[str, Any]]:
        """Companies that only the file knows are made; the first row of each remembers it."""
        names: dict[UUID, str] = run.notes.get(_NEW, {})
        first: dict[UUID, int] = {}
        for each in todo:
            company_id = each.fields.get("company_id")
            if company_id in names:
                first.setdefault(company_id, each.judged.row.number)
        if not first:
            return {}
        owner_id = await self._owner(run)
        made = [Company(id, names[id], owner_id, moment, moment, version=1) for id in first]
        await COMPANIES.insert(run.tx, made)
        for company in made:
            company_service.tell_created(run.tx, company)
        return {number: {"company": str(id)} for id, number in first.items()}

    async def _owner(self, run: Run) -> UUID:
        """Who has the companies that are made: as the people, where the caller may give and then see them."""
        wanted: UUID = run.options.owner_id or run.caller.id
        colleagues = await Colleagues.read(run.tx)
        given = colleagues.may_give(run.caller, "company", "create", wanted)
        seen = colleagues.may_reach(run.caller, "company", "read", wanted)
        return wanted if given and seen else run.caller.id

    async def afterwards(self, tx: Transaction, rows: Sequence[Written]) -> None:
        """Companies made for these rows go, where nobody has changed them, put something on them or works there."""
        made = [UUID(each.before["company"]) for each in rows if each.before and "company" in each.before]
        if made:
            locked = await companies.lock_many(tx, made)
            holders = await attached.holders(tx, "company", made)
            free = [card for card in locked if card.version == 1 and card.id not in holders]
            await company_service.remove_many(tx, free)

    async def lost(self, tx: Transaction, rows: Sequence[Written]) -> set[str]:
        """Companies people would go back to and that are no more."""
        moved = [each.before["fields"].get("company_id") for each in rows if each.before and "fields" in each.before]
        wanted = {UUID(change["was"]) for change in moved if change and change["was"]}
        return {str(id) for id in wanted - await repository.hold_companies(tx, wanted)}

    def tell_created(self, tx: Transaction, card: Person) -> None:
        """As the API tells it."""
        service.tell_created(tx, card)

    def tell_updated(self, tx: Transaction, before: Person, after: Person) -> None:
        """As the API tells it."""
        service.tell_updated(tx, after, service.differences(before, after))

    async def remove_many(self, tx: Transaction, cards: Sequence[Card]) -> set[UUID]:
        """As the API removes them, but what somebody has put a note or a file on stays."""
        holders = await attached.holders(tx, "person", [card.id for card in cards])
        return holders | await service.remove_many(tx, [card for card in cards if card.id not in holders])


def _places(
    run: Run, names: Collection[str], keys: Mapping[str, str], readable: Mapping[str, Sequence[UUID]]
) -> dict[str, Place]:
    """The company of each name; one nobody knows gets an id when it is to be made."""
    makes = run.options.create_companies and run.caller.scope("company", "create") is not None
    new: dict[str, tuple[UUID, str]] = {}
    places = {}
    for name in sorted(names):
        key = keys[name]
        known = readable.get(key, ())
        if len(known) == 1:
            places[name] = Place(known[0], str(known[0]))
        elif known:
            doubt = Finding("doubt", "several_companies", "Several companies are called so.", "company")
            places[name] = Place(doubts=(doubt,))
        elif makes:
            id, _ = new.setdefault(key, (new_id(), name))
            places[name] = Place(id, f"new:{key}")
        else:
            doubt = Finding("doubt", "unknown_company", "There is no such company.", "company")
            places[name] = Place(doubts=(doubt,))
    run.notes[_NEW] = dict(new.values())
    return places
