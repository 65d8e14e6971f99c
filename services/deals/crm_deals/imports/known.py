"""What the names in a chunk of deals mean here: stages, products, companies, people, colleagues, deals there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.imports.kinds import Run

from crm_deals.imports import repository
from crm_deals.imports.cells import DealCells
from crm_deals.imports.rules import international, loose, squeezed
from crm_deals.pipelines import repository as pipelines


@dataclass(frozen=True, slots=True)
class Found:
    """What a name means: `one`, or nothing known (yet), or more than one."""

    one: sa.Row[Any] | None = None
    why: Literal["unknown", "several", "left"] = "unknown"
    nearly: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """The meanings of all names of a chunk."""

    stages: Sequence[sa.Row[Any]]
    products: dict[str, Found]
    companies: dict[str, Found]
    people: dict[str, Found]
    owners: dict[str, Found]
    staff: dict[UUID, sa.Row[Any]]
    repetitions: dict[int, int]


async def known(run: Run, numbers: Sequence[int], cells: Sequence[DealCells]) -> Known:
    """The meanings, in at most eight statements however many rows there are."""
    tx, caller = run.tx, run.caller
    people = {cell.person for cell in cells if cell.person}
    phones = {name: phone for name in people if (phone := international(name))}
    called = await repository.people_called(tx, caller, set(phones.values()))
    named = await repository.cards_named(tx, caller, "person", people - phones.keys())
    companies = {cell.company for cell in cells if cell.company}
    staff = await repository.staff(tx)
    unnumbered = [number for number, cell in zip(numbers, cells, strict=True) if cell.number is None]
    pipeline_id = run.options.pipeline_id
    return Known(
        stages=await (pipelines.one(tx.connection, pipeline_id) if pipeline_id else pipelines.default(tx.connection)),
        products=await _products(run, {cell.product for cell in cells if cell.product}),
        companies={
            name: _one(name, rows)
            for name, rows in (await repository.cards_named(tx, caller, "company", companies)).items()
        },
        people={name: _one(name, called.get(phone, [])) for name, phone in phones.items()}
        | {name: _one(name, rows) for name, rows in named.items()},
        owners=_owners(staff, {cell.owner for cell in cells if cell.owner}),
        staff={member.id: member for member in staff},
        repetitions=await repository.repetitions(tx, run.job_id, run.mapping.values(), unnumbered)
        if unnumbered and run.mapping
        else {},
    )


async def _products(run: Run, names: set[str]) -> dict[str, Found]:
    """By name or SKU as written; else by what is left of either without case, spaces and punctuation."""
    if not names or run.caller.scope("product", "read") is None:
        return {}
    exact: dict[str, sa.Row[Any]] = {}
    for row in await repository.products_named(run.tx, names):
        exact.setdefault(row.name, row)
        exact.setdefault(row.sku, row)
    found = {name: Found(exact[name]) for name in names if name in exact}
    if len(found) == len(names):
        return found
    nearly: dict[str, dict[UUID, sa.Row[Any]]] = {}
    for row in await repository.all_products(run.tx):
        for name in (row.name, row.sku):
            nearly.setdefault(loose(name), {})[row.id] = row
    for name in names - found.keys():
        if loose(name):
            rows = list(nearly.get(loose(name), {}).values())
            found[name] = Found(rows[0], nearly=True) if len(rows) == 1 else Found(why=_why(rows))
    return found


def _owners(staff: Sequence[sa.Row[Any]], names: set[str]) -> dict[str, Found]:
    """Colleagues by e-mail or name; who left is told from whom nobody knows."""
    by_name: dict[str, dict[UUID, sa.Row[Any]]] = {}
    for member in staff:
        for name in (member.email, member.name):
            by_name.setdefault(squeezed(name), {})[member.id] = member
    found = {}
    for name in names:
        rows = list(by_name.get(squeezed(name), {}).values())
        active = [member for member in rows if member.active]
        if len(active) == 1:
            found[name] = Found(active[0])
        elif rows and not active:
            found[name] = Found(why="left")
        else:
            found[name] = Found(why=_why(active))
    return found


def _one(name: str, rows: Iterable[sa.Row[Any]]) -> Found:
    """The only one of the name; of several that differ in case the one written exactly so."""
    there = list(rows)
    exact = [row for row in there if row.name == name]
    if len(exact) == 1 or len(there) == 1:
        return Found((exact or there)[0])
    return Found(why=_why(there))


def _why(rows: Sequence[sa.Row[Any]]) -> Literal["unknown", "several"]:
    return "several" if rows else "unknown"
