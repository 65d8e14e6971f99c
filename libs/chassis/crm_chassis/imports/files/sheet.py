"""The cells of one worksheet as a person sees them, row by row, never more than a piece of the sheet in memory."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from crm_chassis.imports.files.package import local, parse, parser
from crm_chassis.imports.files.shape import MAX_CELL, MAX_COLUMNS, Decimals, Notes, Unreadable
from crm_chassis.imports.files.workbook import Sheet, Workbook, unescaped

_LAST_ROW = 1_048_576
_REF = re.compile(r"\$?([A-Za-z]{1,3})\$?[0-9]{1,7}")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
# Serials of the last day a spreadsheet knows, 31 December 9999, and of 1 March 1900.
_LAST_SERIAL = 2_958_466
_MARCH_1900 = 61
_DAY_S = 86_400
# Beyond this many figures a number is written with its power of ten, as the spreadsheet does.
_POSITIONAL = 21


def number_text(value: str) -> str:
    """A stored number as a spreadsheet shows it: 15 figures, no noise behind them, no trailing zeros."""
    if _WHOLE.fullmatch(value):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if number != number or number in (float("inf"), float("-inf")):
        return value
    text = f"{number:.15g}"
    if "e" in text and abs(number) < 10**_POSITIONAL and (number == 0 or abs(number) >= 10**-_POSITIONAL):
        text = f"{Decimal(text):f}"
    return "0" if text == "-0" else text


def day_text(serial: float, shown: str, epoch_1904: bool) -> str | None:
    """A serial number as ISO day, time or both; None for what no calendar shows (before 1900, after 9999)."""
    if shown == "e":
        seconds = round(abs(serial) * _DAY_S) if abs(serial) < _LAST_SERIAL else None
        if seconds is None:
            return None
        sign = "-" if serial < 0 else ""
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if not 0 <= serial < _LAST_SERIAL - (1462 if epoch_1904 else 0):
        return None
    days, seconds = divmod(round(serial * _DAY_S), _DAY_S)
    time = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if days == 0 and (shown == "t" or not epoch_1904):
        return time if shown != "d" else None
    if epoch_1904:
        first = date(1904, 1, 1)
    elif days == _MARCH_1900 - 1:
        # The 29 February 1900 every spreadsheet program keeps for old times' sake.
        return "1900-02-29" if shown == "d" else f"1900-02-29 {time}"
    else:
        first = date(1899, 12, 30 if days >= _MARCH_1900 else 31)
    day = (datetime(first.year, first.month, first.day) + timedelta(days=days)).date().isoformat()  # noqa: DTZ001
    return day if shown == "d" else f"{day} {time}"


class Cells:
    """Iterates over (row number, cells) of a sheet in order; cells to the last one written, "" between."""

    def __init__(self, book: Workbook, sheet: Sheet, decimal: Decimals, notes: Notes) -> None:
        self._book = book
        self._sheet = sheet
        self._decimal = decimal
        self._notes = notes
        self._columns: dict[str, int] = {}
        self._done: list[tuple[int, list[str]]] = []
        self._row = 0
        self._cells: list[str] = []
        self._column = -1
        self._attributes: dict[str, str] = {}
        self._text: list[str] = []
        self._length = 0
        self._formula = False
        self._spoken = False
        self._xml = parser()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        self._xml.StartElementHandler = self._start
        self._xml.EndElementHandler = self._end
        with self._book.package.open(self._sheet.part) as stream:
            for _ in parse(stream, self._xml):
                yield from self._done
                self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name if ":" not in name else local(name)
        if tag == "c":
            self._open_cell(attributes)
        elif tag == "v":
            self._xml.CharacterDataHandler = self._chars
        elif tag == "t":
            if not self._spoken:
                self._xml.CharacterDataHandler = self._chars
        elif tag == "row":
            self._open_row(attributes)
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._spoken = True
        elif tag == "mergeCell":
            first = re.search("[0-9]{1,7}", attributes.get("ref", ""))
            self._notes.add(
                "merged_cells", int(first[0]) if first else None, "merged cells: only the first holds a value"
            )

    def _open_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        row = self._row + 1 if number is None else int(number) if number.isascii() and number.isdigit() else 0
        if not self._row < row <= _LAST_ROW:
            raise Unreadable("broken_file", "the rows of the sheet are not in order", self._row + 1)
        self._row, self._cells, self._column = row, [], -1
        if attributes.get("hidden") in ("1", "true"):
            self._notes.add("hidden_rows", row, "hidden rows are read as well")

    def _open_cell(self, attributes: dict[str, str]) -> None:
        ref = attributes.get("r")
        if ref is None:
            self._column += 1
        else:
            letters = ref.rstrip("0123456789")
            column = self._columns.get(letters)
            self._column = self._index(ref, letters) if column is None else column
        self._attributes = attributes
        self._text = []
        self._length = 0
        self._formula = False

    def _index(self, ref: str, letters: str) -> int:
        found = _REF.fullmatch(ref)
        if found is None:
            raise Unreadable("broken_file", "a cell has no place in the sheet", self._row)
        index = 0
        for letter in found[1].upper():
            index = index * 26 + ord(letter) - 64
        self._columns[letters] = index - 1
        return index - 1

    def _chars(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_CELL:
            raise Unreadable("cell_too_long", f"a cell is longer than {MAX_CELL} characters", self._row)
        self._text.append(text)

    def _end(self, name: str) -> None:
        tag = name if ":" not in name else local(name)
        if tag in ("v", "t"):
            self._xml.CharacterDataHandler = None
        elif tag == "c":
            text = self._shown("".join(self._text))
            if text:
                self._place(text)
        elif tag == "row":
            self._done.append((self._row, self._cells))
            self._cells = []
        elif tag == "rPh":
            self._spoken = False

    def _place(self, text: str) -> None:
        missing = self._column - len(self._cells)
        if self._column >= MAX_COLUMNS:
            raise Unreadable("too_many_columns", f"there are more than {MAX_COLUMNS} columns", self._row)
        if missing < 0:
            # Cells out of order: each still has its own place.
            self._cells[self._column] = text
            return
        if missing:
            self._cells.extend([""] * missing)
        self._cells.append(text)

    def _shown(self, value: str) -> str:
        kind = self._attributes.get("t", "n")
        if self._formula:
            if value:
                self._notes.add("formulas", self._row, "formulas are taken with the values stored beside them")
            else:
                self._notes.add("formula_without_value", self._row, "a formula has no stored value: the cell is empty")
        if not value:
            return ""
        if kind == "s":
            return self._shared(value)
        if kind == "n":
            return self._number(value.strip())
        if kind == "b":
            return "TRUE" if value.strip() in ("1", "true") else "FALSE"
        if kind == "e":
            self._notes.add("error_cells", self._row, "cells show an error instead of a value")
        if kind == "d":
            return value.replace("T", " ")[:19]
        return _sound(unescaped(value))

    def _shared(self, value: str) -> str:
        shared = self._book.shared
        if not (value.isascii() and value.isdigit()) or len(value) > 9 or int(value) >= len(shared):
            raise Unreadable("broken_file", "a cell points at a text that is not there", self._row)
        text = shared[int(value)]
        if text is None:
            raise Unreadable("cell_too_long", f"a cell is longer than {MAX_CELL} characters", self._row)
        return _sound(text)

    def _number(self, value: str) -> str:
        style = self._attributes.get("s", "0")
        styles = self._book.styles
        at = int(style) if style.isascii() and style.isdigit() and len(style) < 9 else 0
        shown = styles[at] if at < len(styles) else ""
        if shown and (text := self._styled(value, shown)) is not None:
            return text
        text = number_text(value)
        return text.replace(".", ",") if self._decimal == "," else text

    def _styled(self, value: str, shown: str) -> str | None:
        try:
            number = float(value)
        except ValueError:
            return None
        if not abs(number) < 1e15:
            return None
        if shown == "%":
            text = number_text(repr(round(number * 100, 10))) + "%"
            return text.replace(".", ",") if self._decimal == "," else text
        if shown[0] == "0":
            return f"{int(number):0{len(shown)}d}" if number >= 0 and number == int(number) else None
        text_of_day = day_text(number, shown, self._book.epoch_1904)
        if text_of_day is None:
            self._notes.add("date_out_of_range", self._row, "a number shown as a date is none a calendar has")
        return text_of_day


def _sound(text: str) -> str:
    """Without byte order marks, which nobody sees."""
    return text.replace("\ufeff", "") if "\ufeff" in text else text
