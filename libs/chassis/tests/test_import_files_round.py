"""What was written into a file comes out of it, cell by cell and row by row."""

import csv
import io
import tempfile
from pathlib import Path

from crm_chassis.imports.files import table
from crm_chassis.imports.files.shape import DELIMITERS, Format
from files.books import book
from hypothesis import given, settings
from hypothesis import strategies as st

# What a cell can hold: no half of a letter, no byte order mark, of the control characters those people type.
LETTERS = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t", exclude_characters="\ufeff")
# XML knows fewer, and reads a carriage return as a line feed.
IN_XML = st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff")
WIDTH = 4


def _table(letters: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    cells = st.text(letters, max_size=12).map(str.strip)
    return st.lists(st.lists(cells, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=12)


def _rows(content: bytes, shape: Format) -> list[tuple[int, list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "up")
        path.write_bytes(content)
        return list(table.rows(path, shape))


def _expected(rows: list[list[str]]) -> list[tuple[int, list[str]]]:
    return [(number, row) for number, row in enumerate(rows, 2) if any(row)]


HEADER = [f"Name{i}" for i in range(WIDTH)]


@settings(deadline=None)
@given(_table(LETTERS), st.sampled_from(DELIMITERS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_the_cells_of_a_csv_file_come_out_as_they_were_written(
    rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    shape = Format("csv", encoding, delimiter, None, 1, "dmy", ".")
    assert _rows(text.getvalue().encode(encoding), shape) == _expected(rows)


@settings(deadline=None)
@given(_table(IN_XML))
def test_the_cells_of_a_sheet_come_out_as_they_were_written(rows: list[list[str]]) -> None:
    plain = [["" if cell.startswith("raw:") or "_x" in cell else cell for cell in row] for row in rows]
    shape = Format("xlsx", None, None, "Sheet1", 1, "dmy", ".")
    assert _rows(book([HEADER, *plain]), shape) == _expected(plain)
