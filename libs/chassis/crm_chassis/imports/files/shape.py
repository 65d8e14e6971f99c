"""What a spreadsheet file is said to hold: how it is read, its columns, and why it can not be read. Pure."""

from dataclasses import dataclass
from typing import Literal

# A sheet of 200,000 rows is 50 MB of ordinary CSV; a greater one is split by who sends it. The caller counts the
# upload, and the reader looks again.
MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
# The widest export we met had 120 columns; more than 200 can not be mapped by a person.
MAX_COLUMNS = 200
# Half of the longest note we store (20,000), so that two columns may be joined into one.
MAX_CELL = 10_000

# The longest time between two answers of the reading process. Time it waits for whoever takes its rows is not counted.
SILENCE_S = 240

Kind = Literal["csv", "xlsx"]
DateOrder = Literal["dmy", "mdy", "ymd"]
Decimals = Literal[".", ","]
ColumnKind = Literal["empty", "text", "number", "date", "email", "phone", "boolean"]

KINDS: tuple[Kind, ...] = ("csv", "xlsx")
DATE_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy", "ymd")
DECIMALS: tuple[Decimals, ...] = (".", ",")
DELIMITERS = ("\t", ";", "|", ",")
# What a person may choose; the guess itself names the first eight only.
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "cp1251", "cp1250", "cp1252", "koi8-r", "cp866",
    "utf-16-le", "utf-16-be", "iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-15", "cp852", "mac-cyrillic",
)  # fmt: skip
# Why a file may be refused, and what may be noted of one that is read: clients know these words.
REFUSALS = (
    *("empty_file", "not_a_spreadsheet", "old_excel", "password_protected", "broken_file", "file_too_large"),
    *("too_large_unpacked", "too_many_rows", "too_many_columns", "cell_too_long", "unknown_encoding", "nul_character"),
    *("unclosed_quotation", "no_such_sheet", "header_missing", "unknown_choice"),
)
NOTES = (
    *("other_kind", "guessed_encoding", "mark_inside", "ragged_rows", "rows_above_header", "empty_header"),
    *("duplicate_header", "mixed_date_orders", "mixed_decimal_signs", "hidden_sheets", "empty_sheet", "hidden_rows"),
    *("merged_cells", "formulas", "formula_without_value", "error_cells", "date_out_of_range"),
)


@dataclass(frozen=True, slots=True)
class Format:
    """How the file is read: guessed, and a person may override each field."""

    kind: Kind
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int
    date_order: DateOrder
    decimal: Decimals


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` is unique in its file; up to 5 distinct samples, each cut to 100 characters."""

    index: int
    name: str
    kind: ColumnKind
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know before the import; `row` is the first row it was met in."""

    code: str
    row: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What was found: `rows` counts those with something in them below the header, `sheets` the visible ones."""

    format: Format
    columns: tuple[Column, ...]
    rows: int
    sheets: tuple[str, ...]
    notes: tuple[Note, ...]


class Unreadable(Exception):
    """The file can not be read: a stable `code`, the row as a person counts it where there is one, and why."""

    def __init__(self, code: str, message: str, row: int | None = None) -> None:
        super().__init__(code, message, row)
        self.code = code
        self.row = row
        self.message = message


class Notes:
    """Collects notes: one of each code, with the first row it was met in and how often."""

    def __init__(self) -> None:
        self._met: dict[str, tuple[int | None, str, int]] = {}

    def add(self, code: str, row: int | None, message: str) -> None:
        """Counted; the first row and message of the code are kept."""
        first_row, first_message, times = self._met.get(code, (row, message, 0))
        self._met[code] = first_row, first_message, times + 1

    def all(self) -> tuple[Note, ...]:
        """Each note in the order first met, with the count in its message where there were more."""
        return tuple(
            Note(code, row, message if times == 1 else f"{message} ({times} times)")
            for code, (row, message, times) in self._met.items()
        )
