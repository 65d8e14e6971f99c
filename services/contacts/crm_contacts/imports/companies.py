"""Companies from a file: known by a phone or e-mail, else by their name."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.imports.kinds import Row, Run
from pydantic import BaseModel, ConfigDict

from crm_contacts import attached
from crm_contacts.companies import service
from crm_contacts.companies.repository import Company
from crm_contacts.imports import columns, drafts, repository
from crm_contacts.imports.cards import CardKind
from crm_contacts.imports.colleagues import Colleagues
from crm_contacts.imports.deciding import Decider, Decision, Seen, keys_of
from crm_contacts.imports.drafts import Draft, Refused
from crm_contacts.imports.repository import COMPANIES
from crm_contacts.imports.rules import Update
from crm_contacts.removing import Card


class CompanyOptions(BaseModel):
    """`owner_id` has the new cards of rows that name nobody (left out: who imports); `update` says what a row may
    change on a card that is there: what is empty, or all it says."""

    model_config = ConfigDict(extra="forbid")

    owner_id: UUID | None = None
    update: Update = "fill"


class Companies(CardKind[Company]):
    """The kind `companies`."""

    name = "companies"
    fields = columns.COMPANY
    options = CompanyOptions
    noun = "company"
    cards = COMPANIES

    def read(self, row: Row) -> Draft | Refused:
        """What the row says of a company."""
        return drafts.company(row, self._region)

    async def decide(self, run: Run, drafts: Sequence[Draft], *, lock: bool) -> list[Decision[Company]]:
        """What each row does to companies."""
        colleagues = await Colleagues.read(run.tx)
        keys = await repository.name_keys(run.tx, [draft.name for draft in drafts])
        named = await repository.companies_named(run.tx, keys.values())
        reached = await COMPANIES.reached_by(run.tx, [entry for draft in drafts for entry in draft.entries])
        ids = set().union(*reached.values(), *({each.id for each in found} for found in named.values()))
        seen = Seen(
            colleagues,
            await COMPANIES.load(run.tx, ids, lock=lock),
            keys,
            reached,
            {(key, None): {each.id for each in found} for key, found in named.items()},
        )
        options: CompanyOptions = run.options
        seen = replace(seen, claimed=await run.claimed(keys_of("company", drafts, seen)))
        owner_id = options.owner_id or run.caller.id
        decider = Decider("company", seen, run.caller, owner_id, options.update, by_name="else")
        return [decider.decide(draft) for draft in drafts]

    def made(self, run: Run, decision: Decision[Company], moment: datetime) -> Company:
        """The company a row makes."""
        said = {name: decision.fields[name] for name in ("name", "owner_id", "identities")}
        return Company(id=new_id(), created_at=moment, updated_at=moment, version=1, **said)

    def tell_created(self, tx: Transaction, card: Company) -> None:
        """As the API tells it."""
        service.tell_created(tx, card)

    def tell_updated(self, tx: Transaction, before: Company, after: Company) -> None:
        """As the API tells it."""
        service.tell_updated(tx, after, service.differences(before, after))

    async def remove_many(self, tx: Transaction, cards: Sequence[Card]) -> set[UUID]:
        """As the API removes them, but what somebody has put a note or a file on stays."""
        holders = await attached.holders(tx, "company", [card.id for card in cards])
        return holders | await service.remove_many(tx, [card for card in cards if card.id not in holders])
