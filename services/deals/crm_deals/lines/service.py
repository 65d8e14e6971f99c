"""Use cases of deal lines."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import FieldError, Invalid
from crm_contracts.deals import DEAL_UPDATED

from crm_deals.deals import repository as deals
from crm_deals.deals.schemas import DealOut, deal_out
from crm_deals.deals.service import lock_for_change, tell
from crm_deals.lines import repository, rules
from crm_deals.lines.schemas import LineIn
from crm_deals.products import repository as products


async def put_lines(tx: Transaction, caller: Principal, deal_id: UUID, version: int, wanted: list[LineIn]) -> DealOut:
    """The deal has exactly these lines, in this order, and their sum as its amount."""
    deal = await lock_for_change(tx, caller, deal_id, version)
    known = await products.by_ids(tx, {line.product_id for line in wanted})
    rows: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    for position, line in enumerate(wanted):
        product = known.get(line.product_id)
        row, refused = _line(line, product, deal.currency)
        errors += [FieldError(f"lines.{position}.{field}", code, text) for field, code, text in refused]
        rows.append(row | {"id": new_id(), "deal_id": deal_id, "position": position})
    if errors:
        raise Invalid(errors)
    amount = rules.deal_amount(deal.entered_amount, (row["total"] for row in rows), deal.currency)
    if amount >= rules.MAX_AMOUNT:
        raise Invalid([FieldError("lines", "too_much", "The lines add up to more than a deal can hold.")])
    await repository.replace(tx, deal_id, rows)
    changed = await deals.change(tx, deal_id, {"amount": amount})
    tell(tx, DEAL_UPDATED, changed, ["lines", "amount"] if amount != deal.amount else ["lines"])
    return deal_out(changed)


def _line(line: LineIn, product: Any, currency: str) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """The line's row, and what speaks against it as (field, code, message)."""
    if product is None:
        return {"total": Decimal(0)}, [("product_id", "unknown_product", "There is no such product.")]
    refused: list[tuple[str, str, str]] = []
    if line.price is None and product.currency != currency:
        refused.append(("price", "other_currency", f"The product is priced in {product.currency}: say a price."))
    price = Decimal(line.price) if line.price is not None else product.price
    quantity, discount = Decimal(line.quantity), Decimal(line.discount_percent)
    if not rules.is_payable(price, currency):
        refused.append(("price", "too_precise", f"{currency} has {rules.minor_digits(currency)} decimal places."))
    if not quantity:
        refused.append(("quantity", "nothing", "Leave the line out instead."))
    total = rules.line_total(quantity, price, discount, currency)
    if total >= rules.MAX_AMOUNT:
        refused.append(("quantity", "too_much", "The line is more than a deal can hold."))
    return {
        "product_id": line.product_id,
        "quantity": quantity,
        "price": price,
        "discount_percent": discount,
        "total": total,
    }, refused
