"""A file opened as one table: its kind by its first bytes, its format guessed or given, its rows below the header."""

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from crm_chassis.imports.files import guess
from crm_chassis.imports.files.columns import Columns
from crm_chassis.imports.files.delimited import Records
from crm_chassis.imports.files.shape import (
    DATE_ORDERS,
    DECIMALS,
    DELIMITERS,
    ENCODINGS,
    KINDS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    DateOrder,
    Decimals,
    Format,
    Kind,
    Notes,
    Outline,
    Unreadable,
)
from crm_chassis.imports.files.sheet import Cells
from crm_chassis.imports.files.workbook import Sheet, Workbook

Row = tuple[int, list[str]]

# Enough for a few hundred records, from which the delimiter is told.
_HEAD = 256 * 1024
# A file with more control bytes than this is no text of any code page.
_CONTROL = 0.01
_BATCH = 1_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (
    *(
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"%PDF",
        b"{\\rtf",
        b"\x1f\x8b",
        b"7z\xbc\xaf",
        b"Rar!",
        b"BM6",
        b"\x7fELF",
    ),
    *(b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<body"),
)


def kind_of(path: Path) -> Kind:
    """What the bytes of the file are, whatever it is called; Unreadable when no table can be in them."""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise Unreadable("file_too_large", f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    bare = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if head.startswith(_OLE):
        # Office wraps a workbook with a password into the container it used before 2007.
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise Unreadable("password_protected", "the file is protected by a password")
        raise Unreadable("old_excel", "an Excel file of before 2007: save it as .xlsx or .csv")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "xlsx"
    if bare.lower().startswith(tuple(sign.lower() for sign in _OTHERS)):
        raise Unreadable("not_a_spreadsheet", "the file is neither .xlsx nor .csv")
    if not bare:
        raise Unreadable("empty_file", "there is nothing in the file")
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or guess.wide(head)
    if not wide and guess.control_share(head) > _CONTROL:
        raise Unreadable("not_a_spreadsheet", "the file is neither .xlsx nor .csv")
    return "csv"


@dataclass(slots=True)
class Table:
    """An open file: all its rows, with what is known of its format so far."""

    format: Format
    source: Iterable[Row]
    sheets: tuple[str, ...]
    notes: Notes
    # Whether a row must have as many cells as the header: in a sheet nothing tells a short row from an empty cell.
    even: bool


def opened(path: Path, override: Mapping[str, Any], default_order: DateOrder) -> Table:
    """The file, its format taken from `override` where it says something and guessed else; dates and header not yet."""
    kind = kind_of(path)
    _check(override, kind)
    notes = Notes()
    decimal: Decimals = override.get("decimal") or "."
    shape = Format(kind, None, None, None, -1, override.get("date_order") or default_order, decimal)
    return _opened_book(path, shape, override, notes) if kind == "xlsx" else _opened_text(path, shape, override, notes)


def _check(override: Mapping[str, Any], kind: Kind) -> None:
    if override.get("kind") not in (None, *KINDS) or override.get("date_order") not in (None, *DATE_ORDERS):
        raise Unreadable("unknown_choice", "no such kind of file or order of dates")
    if override.get("kind") not in (None, kind):
        raise Unreadable("not_a_spreadsheet", f"the file is no {override['kind']}")
    if override.get("encoding") not in (None, *ENCODINGS):
        raise Unreadable("unknown_encoding", "no such code page")
    if override.get("delimiter") not in (None, *DELIMITERS):
        raise Unreadable("unknown_choice", "no such delimiter")
    if override.get("decimal") not in (None, *DECIMALS):
        raise Unreadable("unknown_choice", "no such decimal sign")
    header = override.get("header_row")
    if header is not None and not (isinstance(header, int) and header >= 0):
        raise Unreadable("header_missing", "the header is a row number, or 0 for none")


def _opened_text(path: Path, shape: Format, override: Mapping[str, Any], notes: Notes) -> Table:
    encoding = override.get("encoding")
    if encoding is None:
        with path.open("rb") as file:
            found = guess.encoding(file.read(_HEAD), *_letters(file))
        if found is None:
            raise Unreadable("unknown_encoding", "its letters are of no code page we know: choose one")
        encoding = found.name
        if found.by_letters:
            notes.add("guessed_encoding", None, f"the code page {encoding} was guessed: look at the letters")
    delimiter = override.get("delimiter")
    if delimiter is None:
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            delimiter = guess.delimiter(text.read(_HEAD).splitlines(keepends=True))
    shape = replace(shape, encoding=encoding, delimiter=delimiter)
    return Table(shape, Records(path, encoding, delimiter, notes), (), notes, even=True)


def _letters(file: Any) -> tuple[bool, bytes]:
    """Whether the whole file is UTF-8, and its first lines with bytes above 127."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, lines, size = True, [], 0
    while piece := file.read(1024 * 1024):
        if is_utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                is_utf8 = False
        if size < _HEAD and not piece.isascii():
            lines += [line for line in piece.splitlines() if not line.isascii()]
            size = sum(map(len, lines))
    if is_utf8:
        try:
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            is_utf8 = False
    return is_utf8, b"\n".join(lines)[: 2 * _HEAD]


def _opened_book(path: Path, shape: Format, override: Mapping[str, Any], notes: Notes) -> Table:
    book = Workbook(path)
    visible = [sheet for sheet in book.sheets if sheet.visible]
    if len(visible) < len(book.sheets):
        notes.add("hidden_sheets", None, f"{len(book.sheets) - len(visible)} hidden sheets were left out")
    if not visible:
        raise Unreadable("no_such_sheet", "every sheet of the workbook is hidden")
    wanted = override.get("sheet")
    if wanted is None:
        sheet = next((sheet for sheet in visible if _has_rows(book, sheet)), visible[0])
        if sheet is not visible[0]:
            notes.add("empty_sheet", None, "the first sheet is empty: the first with something in it was taken")
    else:
        named = next((sheet for sheet in visible if sheet.name == wanted), None)
        if named is None:
            raise Unreadable("no_such_sheet", "the workbook has no visible sheet of this name")
        sheet = named
    shape = replace(shape, sheet=sheet.name)
    names = tuple(sheet.name for sheet in visible)
    return Table(shape, Cells(book, sheet, shape.decimal, notes), names, notes, even=False)


def _has_rows(book: Workbook, sheet: Sheet) -> bool:
    return any(any(map(str.strip, cells)) for _, cells in Cells(book, sheet, ".", Notes()))


def _filled(table: Table) -> Iterator[tuple[int, list[str], int]]:
    """Rows with something in them, cut behind their last full cell, each with the width it had."""
    for row, cells in table.source:
        width = len(cells)
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise Unreadable("too_many_columns", f"there are more than {MAX_COLUMNS} columns", row)
        yield row, cells, width


def _below(
    table: Table, rows: Iterator[tuple[int, list[str], int]], header_row: int
) -> tuple[list[str], Iterator[Row]]:
    """The header's cells, and the rows below it, each at least as wide as the header (without one: as the first)."""
    header: list[str] = []
    wide = None
    if header_row:
        for row, cells, width in rows:
            if row >= header_row:
                if row == header_row:
                    header, wide = cells, width
                break
        if wide is None:
            raise Unreadable("header_missing", "there is nothing in the row of the header", header_row)

    def data() -> Iterator[Row]:
        expected, least = wide, len(header)
        for count, (row, cells, width) in enumerate(rows, 1):
            if count > MAX_ROWS:
                raise Unreadable("too_many_rows", f"there are more than {MAX_ROWS} rows", row)
            if expected is None:
                expected, least = width, len(cells)
            if table.even and width != expected:
                table.notes.add("ragged_rows", row, f"a row has {width} cells where {expected} are expected")
            if len(cells) < least:
                cells.extend([""] * (least - len(cells)))
            yield row, cells

    return header, data()


def rows(path: Path, shape: Format) -> Iterator[Row]:
    """The rows of the file read just so, with their numbers; Unreadable at the first that can not be."""
    given = {name: getattr(shape, name) for name in Format.__slots__}
    table = opened(path, given, shape.date_order)
    yield from _below(table, _filled(table), shape.header_row)[1]


def outline(path: Path, override: Mapping[str, Any], default_order: DateOrder) -> Outline:
    """What is in the file, every row of it looked at."""
    table = opened(path, override, default_order)
    notes = table.notes
    filled = _filled(table)
    head = list(islice(filled, guess.HEAD_ROWS))
    if not head:
        raise Unreadable("empty_file", "there is nothing in the file")
    header_row = override.get("header_row")
    if header_row is None:
        header_row = guess.header_row([(row, cells) for row, cells, _ in head])
    first = next((row for row, _, _ in head), 0)
    if 0 < first < header_row:
        notes.add("rows_above_header", first, "rows above the header were left out")
    header, data = _below(table, chain(head, filled), header_row)
    columns = Columns()
    while batch := list(islice(data, _BATCH)):
        columns.take(batch)
    order = override.get("date_order") or columns.date_order(default_order, notes)
    # A sheet stores its numbers without a sign of its own.
    sign = override.get("decimal") or (columns.decimal(".", notes) if table.even else ".")
    shape = replace(table.format, header_row=header_row, date_order=order, decimal=sign)
    found = columns.columns(_names(header, max(columns.width, len(header)), header_row, notes))
    return Outline(shape, found, columns.rows, table.sheets, notes.all())


def _names(header: list[str], width: int, header_row: int, notes: Notes) -> list[str]:
    """A name of its own for each column: a repeated one is counted, an empty one called after its place."""
    names: list[str] = []
    taken: set[str] = set()
    for index in range(width):
        name = guess.plain(header[index])[:200] if index < len(header) else ""
        if not name:
            name = f"Column {index + 1}"
            if header_row and index < len(header):
                notes.add("empty_header", header_row, "a column has no name")
        plain, copy = name, 1
        while name.casefold() in taken:
            copy += 1
            name = f"{plain} ({copy})"
        if copy > 1:
            notes.add("duplicate_header", header_row, "two columns have the same name")
        taken.add(name.casefold())
        names.append(name)
    return names
