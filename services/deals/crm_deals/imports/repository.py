"""Statements of importing deals: what a chunk's names mean, and its rows stored in few round trips."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.imports.models import row as import_row
from crm_chassis.tables import staff_member
from sqlalchemy.dialects.postgresql import ARRAY, array, insert

from crm_deals.cards.models import company_card, person_card
from crm_deals.deals.models import deal, stage_entry
from crm_deals.deals.repository import WHOLE
from crm_deals.imports.models import imported_deal
from crm_deals.lines.models import deal_line
from crm_deals.products.models import product

ORIGIN = "import"

_ids = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))
_texts = sa.bindparam("names", type_=ARRAY(sa.Text))
# Derived, for `asked.name` of a bare function is its value cast to the type `name`: cut after 63 bytes.
_asked = sa.func.unnest(_texts).table_valued("name", name="asked").render_derived()
_PRODUCTS = sa.select(product.c.id, product.c.name, product.c.sku, product.c.price, product.c.currency)
_PRODUCTS_NAMED = _PRODUCTS.where(sa.or_(product.c.name == sa.any_(_texts), product.c.sku == sa.any_(_texts))).order_by(
    product.c.id
)
_STAFF = sa.select(
    staff_member.c.id, staff_member.c.name, staff_member.c.email, staff_member.c.team_id, staff_member.c.active
).order_by(staff_member.c.id)
_wanted = sa.func.unnest(sa.bindparam("phones", type_=ARRAY(sa.Text))).table_valued("phone", name="wanted")
_wanted = _wanted.render_derived()
# This and what asks by name go one by one, fenced: the planner, asked for all at once, expects most of the table to
# be among them and reads the whole of it for each chunk.
_called = (
    sa.select(person_card.c.id, person_card.c.name, person_card.c.owner_id)
    .where(person_card.c.phones.contains(array([_wanted.c.phone])))
    .offset(sa.literal_column("0"))
    .lateral("called")
)
_PEOPLE_CALLED = (
    sa.select(_wanted.c.phone, _called.c.id, _called.c.name)
    .join_from(_wanted, _called, sa.true())
    .order_by(_called.c.id)
)
_THERE = (
    WHOLE.add_columns(imported_deal.c.said)
    .outerjoin_from(deal, imported_deal, imported_deal.c.deal_id == deal.c.id)
    .where(deal.c.origin_type == ORIGIN, deal.c.origin_id == sa.any_(_texts))
    .order_by(deal.c.id)
    .with_for_update(of=deal, key_share=True)
)
_WHOLE_MANY = WHOLE.where(deal.c.id == _ids)
_LOCKED = _WHOLE_MANY.order_by(deal.c.id).with_for_update(of=deal)

_ADD_DEALS = sa.insert(deal).inline()
_ADD_ENTRIES = sa.insert(stage_entry).inline()
_ADD_LINES = sa.insert(deal_line).inline()
_DROP_LINES = sa.delete(deal_line).where(deal_line.c.deal_id == _ids)
_REMEMBER = insert(imported_deal)
_REMEMBER = _REMEMBER.on_conflict_do_update(index_elements=["deal_id"], set_={"said": _REMEMBER.excluded.said})

CHANGEABLE = (
    "title", "person_id", "company_id", "owner_id", "owner_source", "entered_amount", "amount", "expected_close_on",
    "stage_id", "stage_entry_id", "stage_entered_at", "outcome", "loss_reason", "closed_at",
)  # fmt: skip
"""Columns of a deal that a newer file, or its undo, may change."""
_CHANGE_DEALS = (
    sa.update(deal)
    .where(deal.c.id == sa.bindparam("of_deal"))
    .values({name: sa.bindparam(f"new_{name}", type_=deal.c[name].type) for name in CHANGEABLE})
    .values(version=deal.c.version + 1)
)


def _named(card: sa.Table) -> tuple[sa.Select[Any], sa.ColumnElement[Any]]:
    """The statement, and whose each card is in it."""
    named = (
        sa.select(card.c.id, card.c.name, card.c.owner_id)
        .where(sa.func.lower(card.c.name) == sa.func.lower(_asked.c.name))
        .offset(sa.literal_column("0"))
        .lateral("named")
    )
    found = sa.select(_asked.c.name.label("asked"), named.c.id, named.c.name).join_from(_asked, named, sa.true())
    return found.order_by(named.c.id), named.c.owner_id


_NAMED = {"person": _named(person_card), "company": _named(company_card)}


async def products_named(tx: Transaction, names: Collection[str]) -> Sequence[sa.Row[Any]]:
    """Products whose name or SKU is one of these."""
    return (await tx.execute(_PRODUCTS_NAMED, {"names": list(names)})).all()


async def all_products(tx: Transaction) -> Sequence[sa.Row[Any]]:
    """Every product, for names that are none but nearly one."""
    return (await tx.execute(_PRODUCTS.order_by(product.c.id))).all()


async def staff(tx: Transaction) -> Sequence[sa.Row[Any]]:
    """Everybody of the company, those who left too."""
    return (await tx.execute(_STAFF)).all()


async def cards_named(
    tx: Transaction, caller: Principal, noun: str, names: Collection[str]
) -> dict[str, list[sa.Row[Any]]]:
    """For each name those cards of it, in any case of letters, that the caller may read."""
    found: dict[str, list[sa.Row[Any]]] = {}
    if names:
        named, owner_id = _NAMED[noun]
        statement = named.where(visible(caller, noun, "read", owner_id))
        for row in await tx.execute(statement, {"names": list(names)}):
            found.setdefault(row.asked, []).append(row)
    return found


async def people_called(tx: Transaction, caller: Principal, phones: Collection[str]) -> dict[str, list[sa.Row[Any]]]:
    """For each number the people of it that the caller may read."""
    found: dict[str, list[sa.Row[Any]]] = {}
    if phones:
        statement = _PEOPLE_CALLED.where(visible(caller, "person", "read", _called.c.owner_id))
        for row in await tx.execute(statement, {"phones": list(phones)}):
            found.setdefault(row.phone, []).append(row)
    return found


async def there(tx: Transaction, origin_ids: Collection[str]) -> dict[str, sa.Row[Any]]:
    """Deals that files have brought under these numbers, locked, each with what a file last `said` of it."""
    rows = await tx.execute(_THERE, {"names": list(origin_ids)})
    return {row.origin_id: row for row in rows}


async def repetitions(
    tx: Transaction, job_id: UUID, columns: Collection[int], numbers: Collection[int]
) -> dict[int, int]:
    """For each of the rows, how many before it in the file have the same in these columns."""
    earlier = import_row.alias()

    def told(table: Any) -> sa.ColumnElement[Any]:
        return sa.func.jsonb_build_array(*(table.c.cells[index] for index in sorted(columns)))

    mine = (
        sa.select(import_row.c.number, told(import_row).label("told"))
        .where(
            import_row.c.job_id == job_id, import_row.c.number == sa.any_(sa.literal(list(numbers), ARRAY(sa.Integer)))
        )
        .subquery()
    )
    statement = (
        sa.select(mine.c.number, sa.func.count().label("times"))
        .join_from(mine, earlier, sa.and_(earlier.c.job_id == job_id, told(earlier) == mine.c.told))
        .where(earlier.c.number < mine.c.number)
        .group_by(mine.c.number)
    )
    return {row.number: row.times for row in await tx.execute(statement)}


async def add(
    tx: Transaction,
    deals: Sequence[Mapping[str, Any]],
    entries: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
) -> None:
    """The deals are stored with their histories and lines."""
    for statement, rows in ((_ADD_DEALS, deals), (_ADD_ENTRIES, entries), (_ADD_LINES, lines)):
        if rows:
            await tx.execute(statement, rows)


async def change(tx: Transaction, deals: Sequence[Mapping[str, Any]]) -> None:
    """The deals (`id` and all of CHANGEABLE) stand so, each in its next version."""
    rows = [{"of_deal": each["id"]} | {f"new_{name}": each[name] for name in CHANGEABLE} for each in deals]
    if rows:
        await tx.execute(_CHANGE_DEALS, rows)


async def put_lines(tx: Transaction, deal_ids: Collection[UUID], lines: Sequence[Mapping[str, Any]]) -> None:
    """The deals have these lines and no others."""
    if deal_ids:
        await tx.execute(_DROP_LINES, {"ids": list(deal_ids)})
    if lines:
        await tx.execute(_ADD_LINES, lines)


async def remember(tx: Transaction, said: Mapping[UUID, Mapping[str, Any]]) -> None:
    """This is what the file said of each deal."""
    if said:
        await tx.execute(_REMEMBER, [{"deal_id": id, "said": dict(told)} for id, told in sorted(said.items())])


async def whole(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, sa.Row[Any]]:
    """The deals as they stand in this transaction."""
    return {row.id: row for row in await tx.execute(_WHOLE_MANY, {"ids": list(ids)})}


async def locked(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, sa.Row[Any]]:
    """Those of the ids that are deals, whole, nothing being tied to them meanwhile."""
    return {row.id: row for row in await tx.execute(_LOCKED, {"ids": list(ids)})}
