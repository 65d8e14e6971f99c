# ruff: noqa: S608 # table names in queries are constants of this file
"""Whatever files bring, in whatever order: an undo leaves the tables as before, a second import changes nothing."""

from dataclasses import replace
from typing import Any

import pytest
from crm_chassis.ids import new_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .desk import Desk
from .importing import DEALS, PRODUCTS, Importing, company, employ

CELLS = st.fixed_dictionaries(
    {"stage": st.sampled_from(("New", "Contacted", "Offer", "Won", "Lost"))},
    optional={
        "product": st.sampled_from(("GTX Pro", "gtxpro", "MG", "Nothing")),
        "company": st.sampled_from(("Cancity", "Nobody Inc")),
        "owner": st.sampled_from(("Ana", "Bor", "Nobody")),
        "amount": st.sampled_from(("0", "10", "1054.50")),
        "opened_on": st.sampled_from(("2017-01-01", "2017-03-01")),
        "closed_on": st.sampled_from(("2017-02-01", "2017-04-01")),
        "loss_reason": st.sampled_from(("price", "Something else")),
        "expected_close_on": st.just("2030-01-01"),
    },
)
FILES = st.dictionaries(st.integers(0, 5), CELLS, max_size=6)
PRICES = st.dictionaries(st.sampled_from(("GTX Pro", "MG", "New one")), st.sampled_from(("5", "6.50")), max_size=3)


@pytest.fixture(scope="module")
async def office(desk: Desk) -> Importing:
    """Imports of somebody who may do everything, in a company whose names no other test uses."""
    who = replace(desk.admin, id=new_id())
    await employ(desk, "Iva Uvoz", who=who)
    return Importing(desk, who)


def _told(word: str, rows: dict[int, dict[str, str]]) -> list[dict[str, str]]:
    """The rows with numbers and names that belong to this example alone."""
    named = ("product", "company", "owner")
    return [
        {name: f"{cell} {word}" if name in named else cell for name, cell in row.items()} | {"number": f"{word}-{n}"}
        for n, row in rows.items()
    ]


async def _tables(desk: Desk, word: str, *, without: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """Rows of this example's deals and products."""
    mine = f"(SELECT id FROM deal WHERE origin_id LIKE '{word}%')"
    queries = {
        "deal": f"SELECT * FROM deal WHERE id IN {mine} ORDER BY id",
        "deal_line": f"SELECT * FROM deal_line WHERE deal_id IN {mine} ORDER BY id",
        "stage_entry": f"SELECT * FROM stage_entry WHERE deal_id IN {mine} ORDER BY id",
        "imported_deal": f"SELECT * FROM imported_deal WHERE deal_id IN {mine} ORDER BY deal_id",
        "product": f"SELECT * FROM product WHERE name LIKE '%{word}' ORDER BY id",
    }
    return {
        name: [{k: v for k, v in row.items() if k not in without} for row in await desk.harness.rows(query)]
        for name, query in queries.items()
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES, FILES, PRICES, PRICES)
async def test_an_undo_leaves_the_tables_as_before_and_a_second_import_changes_nothing(
    desk: Desk,
    office: Importing,
    first: dict[int, dict[str, str]],
    second: dict[int, dict[str, str]],
    prices: dict[str, str],
    newer: dict[str, str],
) -> None:
    word = f"w{new_id().hex[-10:]}"
    await employ(desk, f"Ana {word}")
    await employ(desk, f"Bor {word}")
    await company(desk, f"Cancity {word}")
    await office.take(PRODUCTS, [{"name": f"{n} {word}", "price": price} for n, price in prices.items()])
    await office.take(DEALS, _told(word, first))
    moving = ("version", "stage_entry_id", "stage_entered_at")
    before = await _tables(desk, word, without=moving)

    products = await office.take(PRODUCTS, [{"name": f"{n} {word}", "price": price} for n, price in newer.items()])
    deals = await office.take(DEALS, _told(word, second))
    everything = await _tables(desk, word)
    again = await office.take(DEALS, _told(word, second))
    assert set(again.verdicts) <= {"same", "error"} and again.verdicts.count("error") == deals.verdicts.count("error")
    same = await office.take(PRODUCTS, [{"name": f"{n} {word}", "price": price} for n, price in newer.items()])
    assert set(same.verdicts) <= {"same"}
    assert await _tables(desk, word) == everything

    assert {each.finding for each in await office.undo(DEALS, deals.written)} <= {None}
    assert {each.finding for each in await office.undo(PRODUCTS, products.written)} <= {None}
    after = await _tables(desk, word, without=moving)
    # A deal's history is only added to: of deals that had moved, one more move leads back.
    known = {row["id"] for row in before["stage_entry"]}
    history = after.pop("stage_entry")
    assert [row for row in history if row["id"] in known] == before.pop("stage_entry")
    moved = {row["deal_id"] for row in history if row["id"] not in known}
    assert moved <= {row["id"] for row in before["deal"]}
    stages = {row["id"]: row["to_stage_id"] for row in history}
    for row in (await _tables(desk, word))["deal"]:
        assert stages[row["stage_entry_id"]] == row["stage_id"]
    assert after == before
