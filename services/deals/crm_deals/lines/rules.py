"""Money of deals and their lines.

Owns rounding: half up, to the currency's smallest coin (ISO 4217 minor units). Must never know a database,
a clock or a float.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

_PLACES: dict[str, int] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_EXACT = Context(prec=60)
_HUNDRED = Decimal(100)

MAX_AMOUNT = Decimal(10) ** 12
"""Amounts stay below a million millions of any currency."""


def minor_digits(currency: str) -> int:
    """Decimal places of an ISO 4217 currency."""
    return _PLACES.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` to the currency's smallest coin, halves up (away from zero)."""
    coin = Decimal(1).scaleb(-minor_digits(currency))
    return amount.quantize(coin, rounding=ROUND_HALF_UP, context=_EXACT)


def is_payable(amount: Decimal, currency: str) -> bool:
    """True when `amount` has no part smaller than the currency's smallest coin."""
    return amount == rounded(amount, currency)


def line_total(quantity: Decimal, price: Decimal, discount_percent: Decimal, currency: str) -> Decimal:
    """Quantity × price less the discount in percent, rounded once, at the end."""
    gross = _EXACT.multiply(quantity, price)
    kept = _EXACT.divide(_EXACT.multiply(gross, _HUNDRED - discount_percent), _HUNDRED)
    return rounded(kept, currency)


def deal_amount(entered: Decimal, line_totals: Iterable[Decimal], currency: str) -> Decimal:
    """The sum of the lines when there are any, else the amount a person entered."""
    totals = list(line_totals)
    return rounded(sum(totals, Decimal(0)) if totals else entered, currency)


def money(amount: Decimal, currency: str) -> str:
    """The wire form: a decimal string with exactly the currency's places."""
    return f"{rounded(amount, currency):f}"


def plain(number: Decimal) -> str:
    """A quantity or percentage without trailing zeros and without an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
