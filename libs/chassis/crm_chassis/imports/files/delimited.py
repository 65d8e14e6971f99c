"""CSV: text of any code page into records, each fault named with its row."""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from crm_chassis.imports.files.shape import MAX_CELL, Notes, Unreadable

# U+FEFF is invisible and comes from files put one behind the other.
_ODD = re.compile("[\x00\ufeff\ud800-\udfff]")
# Bytes that are nothing in the code page come through as this half of a letter, so that their row can be told.
_BAD = "\udcff"
_MARK_BAD = "crm-mark-bad-bytes"
codecs.register_error(_MARK_BAD, lambda error: (_BAD, getattr(error, "end", 0)))
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=[,;|\t]\"?\s*", re.IGNORECASE)


class Records:
    """The records of a CSV file with their numbers as a spreadsheet shows them: a blank line counts, a line break
    inside quotation marks does not."""

    def __init__(self, path: Path, encoding: str, delimiter: str, notes: Notes) -> None:
        self._path = path
        self._encoding = encoding
        self._delimiter = delimiter
        self._notes = notes
        self._row = 0
        self._lines = 0

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(MAX_CELL)
        with self._path.open(encoding=self._encoding, errors=_MARK_BAD, newline="") as file:
            reader = csv.reader(self._sound(file), delimiter=self._delimiter, strict=True, skipinitialspace=True)
            before = 0
            try:
                for cells in reader:
                    self._row += 1
                    before = self._lines
                    if self._row == 1 and len(cells) <= 2 and _SEPARATOR_LINE.fullmatch(self._delimiter.join(cells)):
                        # A word to the spreadsheet program, not a row of the table.
                        continue
                    yield self._row, cells
            except csv.Error as error:
                self._row += 1
                if "field limit" in str(error) and self._lines - before <= 1:
                    raise Unreadable(
                        "cell_too_long", f"a cell is longer than {MAX_CELL} characters", self._row
                    ) from None
                raise self._unclosed() from None

    def _sound(self, file: Iterator[str]) -> Iterator[str]:
        for line in file:
            self._lines += 1
            if line.isascii():
                if "\x00" in line:
                    raise self._nul()
            elif odd := _ODD.findall(line):
                if any("\ud800" <= char <= "\udfff" for char in odd):
                    raise self._undecodable(self._row + 1)
                if "\x00" in odd:
                    raise self._nul()
                if self._lines > 1 or line.rfind("\ufeff") > 0:
                    self._notes.add("mark_inside", self._row + 1, "an invisible byte order mark was left out")
                yield line.replace("\ufeff", "")
                continue
            yield line

    def _nul(self) -> Unreadable:
        return Unreadable("nul_character", "there is a NUL byte in it, which no text has", self._row + 1)

    def _undecodable(self, row: int) -> Unreadable:
        return Unreadable("unknown_encoding", f"there are bytes in it that are not {self._encoding}", row)

    def _unclosed(self) -> Unreadable:
        return Unreadable("unclosed_quotation", "a quotation mark is not closed, or stands inside a cell", self._row)
