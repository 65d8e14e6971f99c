"""Statements for many cards at once: a chunk costs as many as a row."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.imports.models import row as import_row
from sqlalchemy.dialects.postgresql import ARRAY

from crm_contacts.companies.models import company
from crm_contacts.companies.repository import Company
from crm_contacts.identities import repository as identities
from crm_contacts.identities.models import identity
from crm_contacts.identities.repository import COMPANY, PERSON
from crm_contacts.identities.rules import Entry, Identity
from crm_contacts.people.models import person
from crm_contacts.people.repository import LIVING, Person

C = TypeVar("C", bound=Person | Company)
_KEYS = sa.text("SELECT name, searchable(name) AS key FROM unnest(CAST(:names AS text[])) AS wanted(name)")
_ANY_ID = sa.bindparam("ids", type_=ARRAY(sa.Uuid))
_WANTED = (
    sa.func.unnest(sa.bindparam("kinds", type_=ARRAY(sa.Text)), sa.bindparam("values", type_=ARRAY(sa.Text)))
    .table_valued(sa.column("kind", sa.Text), sa.column("value", sa.Text), name="wanted")
    .render_derived()
)
# One by one and fenced: where few cards of a sort are known yet, the planner expects none and reads all there are.
_KNOWN = (
    sa.select(identity.c.kind, identity.c.value, identity.c.person_id, identity.c.company_id)
    .where(identity.c.kind == _WANTED.c.kind, identity.c.value == _WANTED.c.value.collate("C"))
    .offset(sa.literal_column("0"))
    .lateral("known")
)
# Held until the end, so that none of them is removed meanwhile.
_HOLD = sa.select(company.c.id).where(company.c.id == sa.any_(_ANY_ID)).with_for_update(read=True, key_share=True)
_RESTORED = (
    sa.select(import_row.c.subject_id, sa.func.count().label("times"))
    .where(
        import_row.c.job_id == sa.bindparam("of_job"),
        import_row.c.subject_id == sa.any_(_ANY_ID),
        import_row.c.ended == "restored",
    )
    .group_by(import_row.c.subject_id)
)
_NAMED_PEOPLE = sa.text(
    "SELECT p.id FROM unnest(CAST(:keys AS text[]), CAST(:places AS uuid[])) AS wanted(key, place)"
    ' JOIN person p ON p.name_key = wanted.key COLLATE "C" AND p.company_id IS NOT DISTINCT FROM wanted.place'
    " WHERE p.merged_at IS NULL"
)
_NAMED_COMPANIES = sa.text(
    "SELECT c.id, c.name_key, c.owner_id FROM unnest(CAST(:keys AS text[])) AS wanted(key)"
    ' JOIN company c ON c.name_key = wanted.key COLLATE "C" ORDER BY c.id'
)


class Cards(Generic[C]):
    """The statements on one noun."""

    def __init__(self, table: sa.Table, card: sa.Column[UUID], make: type[C], living: sa.ColumnElement[bool]) -> None:
        self._card = card
        self._make = make
        self._names = [field.name for field in fields(make) if field.name != "identities"]
        known = _KNOWN.c[card.name]
        self._reached = (
            sa.select(_KNOWN.c.kind, _KNOWN.c.value, known.label("id"))
            .distinct()
            .join_from(_WANTED, _KNOWN, sa.true())
            .where(known.is_not(None))
        )
        columns = [table.c[name] for name in [*self._names, "name_key"]]
        self._read = sa.select(*columns).where(table.c.id == sa.any_(_ANY_ID), living).order_by(table.c.id)
        self._lock = self._read.with_for_update(of=table)
        self._identities = (
            sa.select(identity)
            .where(card == sa.any_(_ANY_ID))
            .order_by(card, identity.c.kind.desc(), identity.c.position)
        )
        self._insert = sa.insert(table)
        self._update = sa.update(table).where(table.c.id == sa.bindparam("of_id"))

    async def reached_by(self, tx: Transaction, entries: Iterable[Entry]) -> dict[str, set[UUID]]:
        """Cards, merged ones too, by each phone or e-mail that they are recognised by."""
        wanted = sorted({(entry.kind, entry.value) for entry in entries if entry.value})
        found: dict[str, set[UUID]] = defaultdict(set)
        if wanted:
            pairs = {"kinds": [kind for kind, _ in wanted], "values": [value for _, value in wanted]}
            for each in await tx.execute(self._reached, pairs):
                found[f"{each.kind}:{each.value}"].add(each.id)
        return found

    async def load(self, tx: Transaction, ids: Collection[UUID], *, lock: bool) -> dict[UUID, tuple[C, str]]:
        """Those of the cards that live, with their searchable names; locked, nobody else changes them."""
        if not ids:
            return {}
        wanted = {"ids": sorted(ids)}
        rows = (await tx.execute(self._lock if lock else self._read, wanted)).all()
        own: dict[UUID, list[Identity]] = defaultdict(list)
        for each in await tx.execute(self._identities, wanted):
            entry = Entry(each.kind, each.value, each.raw, each.label)
            own[getattr(each, self._card.name)].append(Identity(each.id, entry))
        return {
            row.id: (
                self._make(**{name: getattr(row, name) for name in self._names}, identities=tuple(own[row.id])),
                row.name_key,
            )
            for row in rows
        }

    async def insert(self, tx: Transaction, cards: Sequence[C]) -> None:
        """The cards and their identities are stored."""
        if cards:
            await tx.execute(self._insert, [self._row(card) for card in cards])
            await identities.store(tx, self._card, [(card.id, card.identities) for card in cards])

    async def update(self, tx: Transaction, changed: Sequence[tuple[C, C]]) -> None:
        """The locked cards, before and after, are as they are after; identities are touched where they differ."""
        if not changed:
            return
        await tx.execute(self._update, [self._row(after) | {"of_id": after.id} for _, after in changed])
        relisted = [(before, after) for before, after in changed if before.identities != after.identities]
        kept = {each.id for _, after in relisted for each in after.identities}
        gone = [each.id for before, _ in relisted for each in before.identities if each.id not in kept]
        await identities.drop(tx, gone)
        await identities.store(tx, self._card, [(after.id, after.identities) for _, after in relisted])

    def _row(self, card: C) -> dict[str, Any]:
        return {name: getattr(card, name) for name in self._names}


PEOPLE = Cards(person, PERSON, Person, LIVING)
COMPANIES = Cards(company, COMPANY, Company, sa.true())


async def name_keys(tx: Transaction, names: Iterable[str]) -> dict[str, str]:
    """Each name as names are compared."""
    wanted = sorted(set(names))
    return {each.name: each.key for each in await tx.execute(_KEYS, {"names": wanted})} if wanted else {}


async def people_named(tx: Transaction, wanted: Collection[tuple[str, UUID | None]]) -> set[UUID]:
    """Living people with one of these searchable names in the company beside it, or in none."""
    if not wanted:
        return set()
    pairs = {"keys": [key for key, _ in wanted], "places": [place for _, place in wanted]}
    return set((await tx.execute(_NAMED_PEOPLE, pairs)).scalars())


async def companies_named(tx: Transaction, keys: Collection[str]) -> dict[str, list[sa.Row[Any]]]:
    """Companies (id, owner_id) by their searchable names."""
    found: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    if keys:
        for each in await tx.execute(_NAMED_COMPANIES, {"keys": sorted(set(keys))}):
            found[each.name_key].append(each)
    return found


async def hold_companies(tx: Transaction, ids: Collection[UUID]) -> set[UUID]:
    """Those of the companies that are there; none of them goes until this transaction ends."""
    return set((await tx.execute(_HOLD, {"ids": sorted(ids)})).scalars()) if ids else set()


async def times_restored(tx: Transaction, job_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How often earlier chunks of this undo have put each of the cards back."""
    if not ids:
        return {}
    found = await tx.execute(_RESTORED, {"of_job": job_id, "ids": sorted(ids)})
    return {each.subject_id: each.times for each in found}
