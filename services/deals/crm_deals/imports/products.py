"""Products from a file: the same by their SKU, else by their name."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.ids import new_id
from crm_chassis.imports.kinds import Field, Finding, Judged, Row, Run, Undone, Written
from pydantic import BaseModel, ConfigDict

from crm_deals.imports import fields
from crm_deals.imports.cells import Reader
from crm_deals.imports.locks import alone
from crm_deals.lines.schemas import Currency
from crm_deals.products import repository
from crm_deals.products.models import product
from crm_deals.products.service import remove_products, tell

_TOLD = ["name", "sku", "price", "currency", "active"]
_KNOWN = (
    sa.select(product)
    .where(sa.or_(*(column.in_(sa.bindparam("names", expanding=True)) for column in (product.c.sku, product.c.name))))
    .order_by(product.c.id)
    .with_for_update()
)


class ProductOptions(BaseModel):
    """What may be said of a whole file of products."""

    model_config = ConfigDict(extra="forbid")

    currency: Currency | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """The values to be stored, and the product that gets them, if there is one."""

    values: dict[str, Any]
    there: sa.Row[Any] | None = None


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a row, and the reader that has read them."""

    reader: Reader
    name: str | None
    sku: str | None
    price: Decimal | None
    currency: str | None
    active: bool | None


class Products:
    """The kind `products`; without a currency of its own a product is priced in the company's."""

    name: ClassVar[str] = "products"
    fields: ClassVar[Sequence[Field]] = fields.PRODUCT
    options: ClassVar[type[BaseModel]] = ProductOptions

    def __init__(self, currency: str) -> None:
        self._currency = currency

    def require(self, caller: Principal) -> None:
        """Forbidden unless the caller may create and change products."""
        require(caller, "product", "create")
        require(caller, "product", "update")

    async def judge(self, run: Run, rows: Sequence[Row]) -> list[Judged]:
        """What each row would do; products of an equal SKU or name are found in one statement."""
        await alone(run.tx)
        read = [_cells(Reader(row, run.format)) for row in rows]
        names = {name for each in read for name in (each.name, each.sku) if name}
        found = (await run.tx.execute(_KNOWN, {"names": sorted(names)})).all() if names else []
        by_sku = {each.sku: each for each in found}
        by_name: dict[str, sa.Row[Any]] = {}
        for each in found:
            by_name.setdefault(each.name, each)
        currency = run.options.currency or self._currency
        return [_judged(*each, by_sku, by_name, currency) for each in zip(rows, read, strict=True)]

    async def write(self, run: Run, rows: Sequence[Judged]) -> list[Written]:
        """New products are stored at once, changed ones one by one; each is told."""
        made = [each.plan.values for each in rows if each.verdict == "create"]
        if made:
            await run.tx.execute(sa.insert(product), made)
            ids = [values["id"] for values in made]
            for row in (await repository.by_ids(run.tx, ids)).values():
                tell(run.tx, row, _TOLD)
        return [await _written(run, each) for each in rows]

    async def undo(self, run: Run, rows: Sequence[Written]) -> list[Undone]:
        """New products are gone, changed ones as they were; those changed since or sold stay."""
        locked = await repository.lock_many(run.tx, [row.subject_id for row in rows])
        there = {row.id: row for row in locked}
        after = {row.subject_id: row for row in rows}
        untouched = {row.id for row in locked if row.version == after[row.id].after_version}
        made = [there[id] for id in sorted(untouched) if after[id].before is None]
        used = await remove_products(run.tx, made)
        undone = []
        for row in rows:
            finding = None
            if row.subject_id not in there:
                finding = Finding("doubt", "removed_since", "Somebody has removed it since.")
            elif row.subject_id not in untouched:
                finding = Finding("doubt", "changed_since", "Somebody has changed it since.")
            elif row.subject_id in used:
                finding = Finding("doubt", "in_use", "Lines of deals name it.")
            elif row.before is not None:
                values = {name: Decimal(was) if name == "price" else was for name, was in row.before.items()}
                tell(run.tx, await repository.change(run.tx, row.subject_id, values), list(values))
            undone.append(Undone(row.number, finding))
        return undone


def _cells(reader: Reader) -> _Cells:
    return _Cells(
        reader,
        reader.text("name"),
        reader.text("sku"),
        reader.number("price"),
        reader.currency("currency"),
        reader.boolean("active"),
    )


def _judged(
    row: Row, cells: _Cells, by_sku: dict[str, sa.Row[Any]], by_name: dict[str, sa.Row[Any]], default_currency: str
) -> Judged:
    reader, name, sku = cells.reader, cells.name, cells.sku
    if "name" not in row.values:
        reader.refuse("required", "It has no name.", "name")
    there = by_sku.get(sku) if sku else _of_name(name or "", by_sku, by_name)
    currency = there.currency if there is not None else cells.currency or default_currency
    if cells.currency not in (None, currency):
        reader.refuse("other_currency", f"The product is priced in {currency}.", "currency")
    price = reader.money("price", cells.price, currency)
    if there is None and "price" not in row.values:
        reader.refuse("required", "It has no price.", "price")
    # A product without a SKU of its own is known by its name, as it was when it was first imported.
    made_sku = sku or name or ""
    if there is None and not sku and made_sku in by_sku:
        reader.refuse("sku_taken", f"There is another product with SKU {made_sku}.", "name")
    if reader.refused:
        return Judged(row, "error", tuple(reader.findings))
    keys = (f"sku:{made_sku if there is None else there.sku}",)
    said = {"name": name, "price": price, "active": cells.active}
    if there is None:
        values = {
            "id": new_id(),
            "sku": made_sku,
            "currency": currency,
            "created_at": now(),
            "version": 1,
            **said,
            "active": cells.active is not False,
        }
        return Judged(row, "create", tuple(reader.findings), keys, _Plan(values))
    values = {key: value for key, value in said.items() if value is not None and there._mapping[key] != value}
    return Judged(row, "update" if values else "same", tuple(reader.findings), keys, _Plan(values, there))


def _of_name(name: str, by_sku: dict[str, sa.Row[Any]], by_name: dict[str, sa.Row[Any]]) -> sa.Row[Any] | None:
    made = by_sku.get(name)
    return made if made is not None and made.name == name else by_name.get(name)


async def _written(run: Run, judged: Judged) -> Written:
    plan: _Plan = judged.plan
    if plan.there is None:
        return Written(judged.row.number, plan.values["id"], 1)
    changed = await repository.change(run.tx, plan.there.id, plan.values)
    tell(run.tx, changed, list(plan.values))
    before = {name: plan.there._mapping[name] for name in plan.values}
    if "price" in before:
        before["price"] = str(before["price"])
    return Written(judged.row.number, plan.there.id, changed.version, before)
