"""What the text of a cell means: a day, a number, yes or no. Pure; refuses rather than guesses."""

import re
from datetime import date
from decimal import Decimal

from crm_chassis.imports.files.shape import DateOrder, Decimals

_SPACES = re.compile(r"[\s\u00a0\u202f\u2007\u2009\ufeff]+")
_DAY = re.compile(
    r"([0-9]{1,4})\s*[./\-]\s*([0-9]{1,2})\s*[./\-]\s*([0-9]{1,4})\.?"
    r"(?:(?:\s+|T)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?\s*(?:[AaPp]\.?[Mm]\.?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_PLACES: dict[DateOrder, tuple[int, int, int]] = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}
# Two digits of a year turn at 69, as POSIX has it: 68 is 2068, 69 is 1969.
_TURN = 69

_CURRENCY = r"(?:[$€£¥₽₴₸₺₹¢]|US\$|USD|EUR|GBP|CHF|RUB|RUR|руб\.?|р\.)"
_MONEY = re.compile(rf"{_CURRENCY}?(?P<sign>[-+−–]?){_CURRENCY}?(?P<digits>[0-9.,'’]+)(?P<power>[eE][+-]?[0-9]{{1,3}})?"
                    rf"{_CURRENCY}?", re.IGNORECASE)  # fmt: skip
_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(?:(?P<mark>[.,'’])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
# Far beyond any sum of money; a greater power would make a small text a number of a million digits.
_MAX_POWER = 30

_YES = frozenset({"true", "yes", "y", "1", "да", "истина", "da", "ja", "resnično"})
_NO = frozenset({"false", "no", "n", "0", "нет", "ложь", "ne", "nein", "neresnično"})


def parts_of_day(text: str) -> tuple[str, str, str] | None:
    """The three figures of a day as they stand in the text (a time after them is let pass); None for another text."""
    found = _DAY.fullmatch(text.strip())
    return None if found is None else (found[1], found[2], found[3])


def day(text: str, date_order: DateOrder) -> date:
    """The day, its time of day dropped; a year of four figures in front is one in any order. ValueError else."""
    parts = parts_of_day(_SPACES.sub(" ", text))
    if parts is None:
        raise ValueError("not a date")
    places = _PLACES["ymd" if len(parts[0]) > 2 else date_order]
    year, month, dom = (parts[place] for place in places)
    if len(year) not in (2, 4) or len(month) > 2 or len(dom) > 2:
        raise ValueError("not a date in this order")
    full = int(year) + (0 if len(year) == 4 else 1900 if int(year) >= _TURN else 2000)
    try:
        return date(full, int(month), int(dom))
    except ValueError:
        raise ValueError("no such day in this order") from None


def number(text: str, decimal: Decimals) -> Decimal:
    """The number: spaces, currency signs and thousands marks in groups of three are let pass; ValueError else.

    A percentage is refused, as nothing tells whether 5 or 0.05 is meant.
    """
    bare = _SPACES.sub("", text)
    negative = bare.startswith("(") and bare.endswith(")")
    found = _MONEY.fullmatch(bare[1:-1] if negative else bare)
    if found is None:
        raise ValueError("a percentage: write it as a number" if bare.endswith("%") else "not a number")
    if negative and found["sign"]:
        raise ValueError("not a number")
    whole, point, fraction = found["digits"].partition(decimal)
    grouped = _WHOLE.fullmatch(whole or "0")
    if (
        grouped is None
        or grouped["mark"] == decimal
        or (point and not fraction.isascii())
        or (fraction and not fraction.isdigit())
    ):
        raise ValueError("not a number with this decimal sign")
    if point and not fraction and not whole:
        raise ValueError("not a number")
    power = found["power"] or ""
    if power and abs(int(power[1:])) > _MAX_POWER:
        raise ValueError("a number out of all bounds")
    value = Decimal(f"{re.sub('[^0-9]', '', whole) or '0'}.{fraction or '0'}{power}")
    if not fraction and not power:
        value = value.to_integral_value()
    return -value if negative or found["sign"] in ("-", "−", "–") else value


def boolean(text: str) -> bool:
    """Yes or no, in English, Russian, Slovenian or as a spreadsheet writes it; ValueError else."""
    word = _SPACES.sub(" ", text).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError("neither yes nor no")
