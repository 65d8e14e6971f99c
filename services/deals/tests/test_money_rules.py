"""Money is exact, and rounds the way an invoice does."""

from decimal import Decimal
from fractions import Fraction

import pytest
from crm_deals.lines.rules import deal_amount, is_payable, line_total, minor_digits, money, plain, rounded
from hypothesis import given
from hypothesis import strategies as st

currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD"])
prices = st.decimals(0, 10**9, places=3)
quantities = st.decimals("0.001", 10**6, places=3)
discounts = st.decimals(0, 100, places=2)


@given(quantities, prices, discounts, currencies)
def test_a_line_total_is_the_exact_product_to_the_nearest_coin_halves_up(
    quantity: Decimal, price: Decimal, discount: Decimal, currency: str
) -> None:
    exact = Fraction(quantity) * Fraction(price) * (100 - Fraction(discount)) / 100
    coins = exact * 10 ** minor_digits(currency)
    nearest = int(coins + Fraction(1, 2))
    assert Fraction(line_total(quantity, price, discount, currency)) == Fraction(nearest, 10 ** minor_digits(currency))


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1), st.decimals(0, 10**9, places=2))
def test_the_lines_of_a_deal_make_its_amount_to_the_cent(totals: list[Decimal], entered: Decimal) -> None:
    assert deal_amount(entered, totals, "EUR") == sum(totals)
    assert deal_amount(entered, [], "EUR") == entered


@given(prices, currencies)
def test_a_rounded_amount_stays_as_it_is(amount: Decimal, currency: str) -> None:
    once = rounded(amount, currency)
    assert rounded(once, currency) == once
    assert is_payable(once, currency)
    assert Decimal(money(amount, currency)) == once


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "currency", "total"),
    [
        ("1", "0.005", "0", "EUR", "0.01"),
        ("3", "33.335", "0", "EUR", "100.01"),
        ("2.5", "199.99", "7.5", "EUR", "462.48"),
        ("1", "100", "100", "EUR", "0.00"),
        ("3", "100.5", "0", "JPY", "302"),
        ("1", "1.0005", "0", "KWD", "1.001"),
    ],
)
def test_examples_from_a_price_list(quantity: str, price: str, discount: str, currency: str, total: str) -> None:
    result = line_total(Decimal(quantity), Decimal(price), Decimal(discount), currency)
    assert money(result, currency) == total


def test_an_amount_with_parts_of_a_cent_can_not_be_paid() -> None:
    assert not is_payable(Decimal("10.005"), "EUR")
    assert not is_payable(Decimal("10.5"), "JPY")
    assert is_payable(Decimal("10.005"), "KWD")


def test_quantities_are_told_without_trailing_zeros() -> None:
    assert [plain(Decimal(text)) for text in ("2.500", "10", "0.000", "1E+2")] == ["2.5", "10", "0", "100"]
