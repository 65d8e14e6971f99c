"""Products, and the lines that make a deal's amount."""

from typing import Any
from uuid import uuid4

import pytest
from crm_contracts.deals import DEAL_UPDATED, PRODUCT_CHANGED, DealState, ProductState

from .desk import Desk


async def product(desk: Desk, price: str = "199.99", **more: Any) -> dict[str, Any]:
    """A new product."""
    body = {"name": "Window 120×140", "sku": f"W-{uuid4()}", "price": price} | more
    answer = await desk.post(desk.head, "/products", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_the_lines_of_a_deal_make_its_amount(desk: Desk) -> None:
    ana = await desk.hire()
    window, sill = await product(desk), await product(desk, "10")
    deal = await desk.deal(ana, amount="1000")
    lines = [
        {"product_id": window["id"], "quantity": "2.5", "discount_percent": "7.5"},
        {"product_id": sill["id"], "price": "9.99"},
    ]
    answer = await desk.put(ana, f"/deals/{deal['id']}/lines", 1, {"lines": lines})
    told = answer.json()
    assert answer.headers["etag"] == '"2"'
    assert [(line["quantity"], line["price"], line["total"]) for line in told["lines"]] == [
        ("2.5", "199.99", "462.48"),
        ("1", "9.99", "9.99"),
    ]
    assert told["amount"] == "472.47"
    assert (await desk.get(ana, f"/deals/{deal['id']}")).json() == told
    (event,) = await desk.told(DEAL_UPDATED, deal["id"])
    state = DealState.model_validate(event.data)
    assert (state.changed, state.amount, len(state.lines)) == (["lines", "amount"], "472.47", 2)

    summed = await desk.patch(ana, f"/deals/{deal['id']}", 2, {"amount": "5"})
    assert (summed.status_code, summed.json()["code"]) == (409, "amount_of_lines")
    emptied = await desk.put(ana, f"/deals/{deal['id']}/lines", 2, {"lines": []})
    assert (emptied.json()["lines"], emptied.json()["amount"]) == ([], "1000.00")


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        ({"product_id": str(uuid4())}, "lines.0.product_id", "unknown_product"),
        ({"quantity": "0"}, "lines.0.quantity", "nothing"),
        ({"price": "1.005"}, "lines.0.price", "too_precise"),
        ({"discount_percent": "100.01"}, "lines.0.discount_percent", "string_pattern_mismatch"),
        ({"quantity": "-1"}, "lines.0.quantity", "string_pattern_mismatch"),
        ({"price": "999999999999", "quantity": "2"}, "lines.0.quantity", "too_much"),
        ({"total": "1"}, "lines.0.total", "extra_forbidden"),
    ],
)
async def test_lines_that_do_not_add_up_are_refused(desk: Desk, line: dict[str, Any], field: str, code: str) -> None:
    ana = await desk.hire()
    sold = await product(desk)
    deal = await desk.deal(ana)
    before = await desk.traces()
    answer = await desk.put(ana, f"/deals/{deal['id']}/lines", 1, {"lines": [{"product_id": sold["id"]} | line]})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert await desk.traces() == before


async def test_a_product_of_another_currency_needs_a_price(desk: Desk) -> None:
    ana = await desk.hire()
    yen = await product(desk, "1500", currency="JPY")
    deal = await desk.deal(ana)
    path = f"/deals/{deal['id']}/lines"
    refused = await desk.put(ana, path, 1, {"lines": [{"product_id": yen["id"]}]})
    assert refused.json()["errors"][0]["code"] == "other_currency"
    priced = await desk.put(ana, path, 1, {"lines": [{"product_id": yen["id"], "price": "9.50"}]})
    assert priced.json()["amount"] == "9.50"


async def test_lines_keep_the_price_they_were_made_with(desk: Desk) -> None:
    ana = await desk.hire()
    sold = await product(desk, "10")
    deal = await desk.deal(ana)
    await desk.put(ana, f"/deals/{deal['id']}/lines", 1, {"lines": [{"product_id": sold["id"]}]})
    await desk.patch(desk.head, f"/products/{sold['id']}", 1, {"price": "12"})
    assert (await desk.get(ana, f"/deals/{deal['id']}")).json()["amount"] == "10.00"


async def test_products_are_managed_by_those_who_may_and_told_whole(desk: Desk) -> None:
    ana = await desk.hire()
    made = await product(desk, "5", name="Aluminium sill")
    path = f"/products/{made['id']}"
    before = await desk.traces()
    assert (await desk.patch(desk.head, path, 7, {"price": "6"})).status_code == 409
    assert (await desk.patch(desk.head, path, 1, {"price": "6.001"})).status_code == 422
    taken = await desk.post(desk.head, "/products", {"name": "Copy", "sku": made["sku"], "price": "1"})
    assert (taken.status_code, taken.json()["code"]) == (409, "sku_taken")
    assert await desk.traces() == before
    patched = await desk.patch(desk.head, path, 1, {"price": "6", "active": False})
    assert (patched.json()["price"], patched.json()["version"]) == ("6.00", 2)
    events = [ProductState.model_validate(event.data) for event in await desk.told(PRODUCT_CHANGED, made["id"])]
    assert [(event.version, event.price, event.active) for event in events] == [(1, "5.00", True), (2, "6.00", False)]
    found = (await desk.get(ana, "/products", name="Aluminium")).json()["items"]
    assert [item["id"] for item in found] == [made["id"]]
    assert (await desk.get(ana, "/products", name="Aluminium", active=True)).json()["items"] == []


async def test_products_are_not_everybodys(desk: Desk) -> None:
    from crm_chassis.access.principal import Principal, Scope
    from crm_chassis.testing import nobody

    made = await product(desk)
    reader = Principal(id=uuid4(), role="salesperson", grants={"product:read": Scope.ALL})
    before = await desk.traces()
    assert (await desk.get(nobody(), "/products")).json() == {"items": [], "next_cursor": None}
    assert (await desk.patch(nobody(), f"/products/{made['id']}", 1, {"name": "X"})).status_code == 404
    assert (await desk.patch(reader, f"/products/{made['id']}", 1, {"name": "X"})).status_code == 403
    assert (await desk.post(reader, "/products", {"name": "X", "sku": "x", "price": "1"})).status_code == 403
    assert await desk.traces() == before
