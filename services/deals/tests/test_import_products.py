"""Products of an old system: the same by SKU, else by name; taken back unless sold."""

from dataclasses import replace
from typing import Any

import pytest
from crm_chassis.ids import new_id
from crm_contracts.deals import PRODUCT_CHANGED, PRODUCT_REMOVED
from crm_contracts.envelope import Lane

from .desk import Desk
from .importing import DEALS, PRODUCTS, Importing, employ


@pytest.fixture
async def office(desk: Desk) -> Importing:
    """Imports of somebody who may do everything."""
    who = replace(desk.admin, id=new_id())
    await employ(desk, "Iva Uvoz", who=who)
    return Importing(desk, who)


@pytest.fixture
def word() -> str:
    """A word no other test uses."""
    return f"w{new_id().hex[-10:]}"


async def products(desk: Desk, word: str) -> list[dict[str, Any]]:
    """Products called so, by name."""
    return await desk.harness.rows(
        "SELECT name, sku, price, currency, active, version FROM product WHERE name LIKE :like ORDER BY name, sku",
        like=f"{word}%",
    )


async def test_products_are_made_changed_and_known_again(desk: Desk, office: Importing, word: str) -> None:
    rows = [
        {"name": f"{word} a", "price": "550"},
        {"name": f"{word} b", "sku": f"{word}-B", "price": "1.50", "currency": "usd", "active": "no"},
    ]
    assert (await office.take(PRODUCTS, rows)).verdicts == ["create", "create"]
    a, b = await products(desk, word)
    assert (a["sku"], a["price"], a["currency"], a["active"]) == (f"{word} a", 550, "EUR", True)
    assert (b["sku"], b["currency"], b["active"], b["version"]) == (f"{word}-B", "USD", False, 1)
    assert (await office.take(PRODUCTS, rows)).verdicts == ["same", "same"]
    changed = [{"name": f"{word} a", "price": "560"}, {"name": f"{word} c", "sku": f"{word}-B"}]
    taken = await office.take(PRODUCTS, changed)
    assert taken.verdicts == ["update", "update"]
    a, c = await products(desk, word)
    assert (a["price"], c["name"], c["price"], c["version"]) == (560, f"{word} c", b["price"], 2)
    told = [e for e in await desk.harness.recorded(PRODUCT_CHANGED) if e.data["name"].startswith(word)]
    assert [(e.sequence, e.data["changed"], e.lane) for e in told][2:] == [
        (2, ["price"], Lane.BULK),
        (2, ["name"], Lane.BULK),
    ]
    assert [each.finding for each in await office.undo(PRODUCTS, taken.written)] == [None, None]
    restored = [{**row, "version": 1} for row in await products(desk, word)]
    assert restored == [{**a, "price": 550, "version": 1}, b]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"price": ""}, "required"),
        ({"name": ""}, "required"),
        ({"price": "dear"}, "unreadable"),
        ({"price": "-1"}, "negative"),
        ({"price": "0.001"}, "too_precise"),
        ({"price": "1e12"}, "too_much"),
        ({"active": "perhaps"}, "unreadable"),
        ({"currency": "€"}, "bad_currency"),
        ({"name": "a\x00"}, "control_character"),
        ({"sku": "x" * 201}, "too_long"),
    ],
)
async def test_a_cell_that_can_not_be_is_an_error_of_its_row(
    office: Importing, word: str, cells: dict[str, str], code: str
) -> None:
    taken = await office.take(PRODUCTS, [{"name": word, "price": "1"} | cells, {"name": f"{word} good", "price": "1"}])
    assert (taken.verdicts, taken.codes[0]) == (["error", "create"], [code])


async def test_an_undo_keeps_what_was_changed_or_sold_since(desk: Desk, office: Importing, word: str) -> None:
    rows = [{"name": f"{word} {n}", "price": "5"} for n in range(3)]
    taken = await office.take(PRODUCTS, rows)
    ids = [written.subject_id for written in taken.written]
    await office.take(DEALS, [{"number": word, "stage": "New", "product": f"{word} 1"}])
    await desk.patch(desk.admin, f"/products/{ids[2]}", 1, {"price": "6"})
    undone = sorted(await office.undo(PRODUCTS, taken.written), key=lambda each: each.number)
    assert [each.finding and each.finding.code for each in undone] == [None, "in_use", "changed_since"]
    assert [row["name"] for row in await products(desk, word)] == [f"{word} 1", f"{word} 2"]
    assert [e.subject_id for e in await desk.harness.recorded(PRODUCT_REMOVED) if e.subject_id in ids] == [ids[0]]


async def test_products_go_through_the_door(desk: Desk, office: Importing, word: str) -> None:
    file = f"product,series,sales_price\n{word} a,S,1\n{word} b,S,2\n{word} a,S,3\n"
    checked, done = await office.through_the_door("products", file)
    assert checked["mapping"] == {"name": 0, "price": 2}
    assert done["counts"] == {"create": 2, "duplicate": 1}
    assert (await office.act("products", done, "undo", "undone"))["counts"] == {"removed": 2}
    assert await products(desk, word) == []
