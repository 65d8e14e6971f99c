"""What the columns hold: kinds, samples, the order of dates and the decimal sign, from every cell. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from crm_chassis.imports.files.shape import Column, ColumnKind, DateOrder, Decimals, Notes
from crm_chassis.imports.files.values import parts_of_day

_SAMPLES = 5
_SAMPLE_LENGTH = 100
# A column is of a kind when nine cells of ten are; the rest are errors of their rows, told there.
_SHARE = 0.9
# After so many cells a column that is mostly text is looked at no more: the whole file is read for dates and numbers.
_SETTLED = 2_000

_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
_CURRENCY = r"(?:[$€£¥₽₴₸₺₹¢]|US\$|USD|EUR|GBP|CHF|RUB|RUR|руб\.?|р\.)"
_GAP = "[ \u00a0\u202f\u2009]"
_NUMBER = re.compile(
    rf"\(?(?:{_CURRENCY}{_GAP}?)?[-+−–]?{_GAP}?(?:{_CURRENCY}{_GAP}?)?"
    rf"(?P<digits>[1-9][0-9]{{0,2}}(?:(?P<mark>{_GAP}|[.,'’])[0-9]{{3}})(?:(?P=mark)[0-9]{{3}})*(?:[.,][0-9]+)?"
    rf"|[0-9]*[.,]?[0-9]+(?:[eE][+-]?[0-9]+)?)(?:{_GAP}?{_CURRENCY})?\)?",
    re.IGNORECASE,
)
_DIALLED_NUMBER = re.compile(r"\+?[0-9(][0-9\s().\-/\u00a0]{5,24}[0-9]")
_CODE = re.compile(r"0[0-9]+")
_WORDS = frozenset({"true", "false", "yes", "no", "да", "нет", "da", "ne", "истина", "ложь"})
_DIALLED = ("phone", "tel", "mobil", "gsm", "fax", "тел", "моб")


def kind_of_cell(text: str) -> ColumnKind:
    """What one cell alone looks like."""
    text = text.strip()
    if not text:
        return "empty"
    if "@" in text:
        return "email" if _EMAIL.fullmatch(text) else "text"
    if not any(char.isdigit() for char in text):
        return "boolean" if text.lower() in _WORDS else "text"
    if len(text) > 40:
        return "text"
    if parts_of_day(text) is not None:
        return "date"
    if _CODE.fullmatch(text):
        return "phone" if 9 <= len(text) <= 15 else "text"
    if _NUMBER.fullmatch(text) and not (text[0] == "+" and len(text) > 8):
        return "number"
    if _DIALLED_NUMBER.fullmatch(text) and 7 <= sum(char.isdigit() for char in text) <= 15:
        return "phone"
    return "text"


def order_of_day(text: str) -> DateOrder | None:
    """The only order in which the text can be a day; None when more than one fits, or none does."""
    parts = parts_of_day(text)
    if parts is None:
        return None
    first, second = int(parts[0]), int(parts[1])
    if first > 31 or len(parts[0]) > 2:
        return "ymd"
    if first > 12 >= second:
        return "dmy"
    return "mdy" if second > 12 >= first else None


def sign_of_number(text: str) -> Decimals | None:
    """The decimal sign, when the text shows which it is: three figures after a sign may be thousands."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    digits = found["digits"]
    at = max(digits.rfind("."), digits.rfind(","))
    if at < 0:
        return None
    sign: Decimals = "." if digits[at] == "." else ","
    other: Decimals = "," if sign == "." else "."
    if digits.count(sign) > 1:
        return other
    after = len(digits) - at - 1
    return sign if after != 3 or other in digits or digits[:at] in ("", "0") or at > 3 else None


class _Profile:
    """One column as it is read."""

    def __init__(self) -> None:
        self.filled = 0
        self.kinds: Counter[ColumnKind] = Counter()
        self.samples: dict[str, None] = {}
        self.settled = False

    def kind(self, name: str) -> ColumnKind:
        if not self.kinds:
            return "empty"
        total = self.kinds.total()
        kind, times = self.kinds.most_common(1)[0]
        figures = self.kinds["number"] + self.kinds["phone"]
        if figures >= total * _SHARE and any(word in name.lower() for word in _DIALLED):
            return "phone"
        return kind if times >= total * _SHARE else "text"


class Columns:
    """Every row below the header passes here once; then it tells the columns and how dates and numbers are written."""

    def __init__(self) -> None:
        self.rows = 0
        self._profiles: list[_Profile] = []
        self._orders: dict[DateOrder, tuple[int, int]] = {}
        self._signs: dict[Decimals, tuple[int, int]] = {}

    @property
    def width(self) -> int:
        """The greatest number of cells in a row."""
        return len(self._profiles)

    def take(self, batch: Sequence[tuple[int, list[str]]]) -> None:
        """The rows are counted and looked at, column by column."""
        self.rows += len(batch)
        numbers = [row for row, _ in batch]
        for index, cells in enumerate(zip_longest(*(cells for _, cells in batch), fillvalue="")):
            if index == len(self._profiles):
                self._profiles.append(_Profile())
            profile = self._profiles[index]
            if profile.settled:
                continue
            for row, cell in zip(numbers, cells, strict=True):
                if cell:
                    self._look(profile, row, cell)
            if profile.filled >= _SETTLED and profile.kinds["text"] * 2 > profile.filled:
                profile.settled = True

    def _look(self, profile: _Profile, row: int, cell: str) -> None:
        kind = kind_of_cell(cell)
        if kind == "empty":
            return
        profile.filled += 1
        profile.kinds[kind] += 1
        if len(profile.samples) < _SAMPLES:
            profile.samples.setdefault(cell.strip()[:_SAMPLE_LENGTH])
        if kind == "date":
            order = order_of_day(cell)
            if order is not None:
                first, times = self._orders.get(order, (row, 0))
                self._orders[order] = first, times + 1
        elif kind == "number" and ("." in cell or "," in cell):
            sign = sign_of_number(cell)
            if sign is not None:
                first, times = self._signs.get(sign, (row, 0))
                self._signs[sign] = first, times + 1

    def columns(self, names: Sequence[str]) -> tuple[Column, ...]:
        """The columns under these names, one for each name."""
        empty = _Profile()
        found = [*self._profiles, *[empty] * (len(names) - len(self._profiles))]
        return tuple(
            Column(index, name, profile.kind(name), tuple(profile.samples))
            for index, (name, profile) in enumerate(zip(names, found, strict=True))
        )

    def date_order(self, default: DateOrder, notes: Notes) -> DateOrder:
        """The order most days can only be read in; the default when every day fits it and another as well."""
        spoken = {order: self._orders[order] for order in ("dmy", "mdy") if order in self._orders}
        if len(spoken) == 2:
            row = max(first for first, _ in spoken.values())
            notes.add("mixed_date_orders", row, "some dates have the day first and some the month")
        if spoken:
            return max(spoken, key=lambda order: spoken[order][1])
        return "ymd" if "ymd" in self._orders and not self._ambiguous() else default

    def _ambiguous(self) -> bool:
        """Whether there are days besides those which name their year first."""
        days = sum(profile.kinds["date"] for profile in self._profiles)
        return days > self._orders["ymd"][1]

    def decimal(self, default: Decimals, notes: Notes) -> Decimals:
        """The decimal sign most numbers show; the default when none shows any."""
        if len(self._signs) == 2:
            row = max(first for first, _ in self._signs.values())
            notes.add("mixed_decimal_signs", row, "some numbers have a decimal comma and some a point")
        return max(self._signs, key=lambda sign: self._signs[sign][1], default=default)
