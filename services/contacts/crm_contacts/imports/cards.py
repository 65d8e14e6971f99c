"""What imports of people and of companies have in common: rows judged, written and taken back, a chunk at a time."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, ClassVar, Generic
from uuid import UUID

from crm_chassis import aliases
from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.imports.kinds import Field, Finding, Judged, Row, Run, Undone, Written
from crm_chassis.problems import Conflict
from pydantic import BaseModel

from crm_contacts import locks
from crm_contacts.identities.rules import lock_keys
from crm_contacts.imports import repository, rules
from crm_contacts.imports.colleagues import Noun
from crm_contacts.imports.deciding import Decision
from crm_contacts.imports.drafts import Draft, Refused
from crm_contacts.imports.repository import C, Cards
from crm_contacts.removing import Card

_AT_ONCE = 25
"""Rows read before others of this process have a turn: reading numbers is work of its own."""
_CHANGED_SINCE = Finding("doubt", "changed_since", "Somebody has changed it since; what they changed stays.")
_IN_USE = Finding("doubt", "in_use", "Calls, history or people hang on it by now.")


class CardKind(ABC, Generic[C]):
    """A kind of cards. `region` reads national phone numbers."""

    name: ClassVar[str]
    fields: ClassVar[Sequence[Field]]
    options: ClassVar[type[BaseModel]]
    noun: ClassVar[Noun]
    cards: Cards[C]

    def __init__(self, region: str) -> None:
        self._region = region

    def require(self, caller: Principal) -> None:
        """Forbidden unless the caller may create such cards."""
        require(caller, self.noun, "create")

    async def judge(self, run: Run, rows: Sequence[Row]) -> list[Judged]:
        """What writing each row would do."""
        read = []
        for row in rows:
            read.append(self.read(row))
            if len(read) % _AT_ONCE == 0:
                await asyncio.sleep(0)
        drafts = [each for each in read if isinstance(each, Draft)]
        decided = {each.judged.row.number: each.judged for each in await self.decide(run, drafts, lock=False)}
        return [
            Judged(each.row, "error", each.errors) if isinstance(each, Refused) else decided[each.row.number]
            for each in read
        ]

    async def write(self, run: Run, rows: Sequence[Judged]) -> list[Written]:
        """The rows are looked at once more, now that nobody else makes or changes these cards, and written.

        Conflict when one can not be written any more; a row that has nothing left to do is left out.
        """
        drafts: list[Draft] = [each.plan for each in rows]
        named = {f"{self.noun}:{text.casefold()}" for draft in drafts for text in (draft.name, draft.company) if text}
        reach = lock_keys(entry for draft in drafts for entry in draft.entries)
        await locks.identities(run.tx, sorted([*reach, *named]))
        decisions = await self.decide(run, drafts, lock=True)
        for judged in (each.judged for each in decisions):
            if judged.verdict in ("error", "waiting"):
                finding = next((each for each in judged.findings if each.level == "error"), _CHANGED_SINCE)
                raise Conflict(finding.message, code=finding.code)
        todo = [each for each in decisions if each.judged.verdict in ("create", "update")]
        moment = now()
        more = await self.beforehand(run, todo, moment)
        made: list[C] = []
        changed: list[tuple[C, C]] = []
        written = []
        for each in todo:
            number = each.judged.row.number
            if each.card is None:
                card = self.made(run, each, moment)
                made.append(card)
                self.tell_created(run.tx, card)
                written.append(Written(number, card.id, card.version, more.get(number)))
            else:
                after = replace(each.card, **each.fields, version=each.card.version + 1, updated_at=moment)
                changed.append((each.card, after))
                self.tell_updated(run.tx, each.card, after)
                said = {name: value for name, value in each.fields.items() if name != "identities"}
                before = {name: getattr(each.card, name) for name in said}
                memory = rules.memory(before, said, each.card.identities, after.identities)
                written.append(Written(number, after.id, after.version, memory | more.get(number, {})))
        await self.cards.insert(run.tx, made)
        await self.cards.update(run.tx, changed)
        return written

    async def undo(self, run: Run, rows: Sequence[Written]) -> list[Undone]:
        """New cards that nobody touched are gone, changed ones are as they were where they still are as set."""
        ids = {each.subject_id for each in rows}
        stood = {id: card for id, (card, _) in (await self.cards.load(run.tx, ids, lock=True)).items()}
        leads = await aliases.resolve_many(run.tx.connection, self.noun, sorted(ids - stood.keys()))
        lost = await self.lost(run.tx, rows)
        touched = {
            each.subject_id
            for each in rows
            if each.subject_id in stood and stood[each.subject_id].version != each.after_version
        }
        restored = Counter(await repository.times_restored(run.tx, run.job_id, touched))
        there, going, findings = dict(stood), dict[UUID, int](), dict[int, Finding]()
        for each in rows:
            card = there.get(each.subject_id)
            if each.before is not None and "fields" in each.before:
                whole = card is not None
                if card is not None:
                    fields, identities, whole = rules.taken_back(_values(card), card.identities, each.before, lost)
                    after = replace(card, **fields, identities=identities)
                    if after != card:
                        there[card.id] = replace(after, version=card.version + 1)
                        restored[card.id] += 1
                if not whole:
                    findings[each.number] = _CHANGED_SINCE
            elif card is None:
                if leads[each.subject_id] != each.subject_id:
                    findings[each.number] = _CHANGED_SINCE
            elif card.version == each.after_version + 2 * restored[card.id]:
                going[card.id] = each.number
            else:
                findings[each.number] = _CHANGED_SINCE
        await self._put_back(run.tx, [(stood[id], card) for id, card in there.items() if id not in going])
        used = await self.remove_many(run.tx, [Card(id, stood[id].owner_id, stood[id].version) for id in going])
        await self.afterwards(run.tx, rows)
        findings |= {going[id]: _IN_USE for id in used}
        return [Undone(each.number, findings.get(each.number)) for each in rows]

    async def _put_back(self, tx: Transaction, cards: Iterable[tuple[C, C]]) -> None:
        moment = now()
        differing = [(stood, replace(after, updated_at=moment)) for stood, after in cards if after != stood]
        await self.cards.update(tx, differing)
        for stood, after in differing:
            self.tell_updated(tx, stood, after)

    @abstractmethod
    def read(self, row: Row) -> Draft | Refused:
        """What the row says, or why it can not be taken."""

    @abstractmethod
    async def decide(self, run: Run, drafts: Sequence[Draft], *, lock: bool) -> list[Decision[C]]:
        """What each row does; with `lock` the cards met stay as they are until the transaction ends."""

    @abstractmethod
    def made(self, run: Run, decision: Decision[C], moment: datetime) -> C:
        """The card a row makes."""

    @abstractmethod
    def tell_created(self, tx: Transaction, card: C) -> None:
        """The event of a new card is recorded."""

    @abstractmethod
    def tell_updated(self, tx: Transaction, before: C, after: C) -> None:
        """The event of a changed card is recorded."""

    @abstractmethod
    async def remove_many(self, tx: Transaction, cards: Sequence[Card]) -> set[UUID]:
        """The locked cards are gone, but those in use, whose ids are answered."""

    async def beforehand(self, run: Run, todo: Sequence[Decision[C]], moment: datetime) -> dict[int, dict[str, Any]]:
        """What the rows need first is made; by row number what their undo has to remember of it."""
        return {}

    async def afterwards(self, tx: Transaction, rows: Sequence[Written]) -> None:
        """What was made for the rows goes as well."""

    async def lost(self, tx: Transaction, rows: Sequence[Written]) -> set[str]:
        """What can not be put back, because it is no more."""
        return set()


def _values(card: Any) -> dict[str, Any]:
    return {each.name: getattr(card, each.name) for each in fields(card)}
