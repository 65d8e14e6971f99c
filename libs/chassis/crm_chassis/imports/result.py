"""The rows of a file given back as CSV, with what became of each: to be mended and sent again."""

import csv
import io
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import sqlalchemy as sa

VERDICT, REASON = "import_result", "import_reason"
_BOM = "\ufeff"
_NUMERIC = re.compile(r"^[+-]?[\d\s().,/-]*$")


def header(columns: Sequence[dict[str, Any]]) -> bytes:
    """The file's own header and two columns of ours; a BOM, so that spreadsheets read it as UTF-8."""
    return (_BOM + _line([*(column["name"] for column in columns), VERDICT, REASON])).encode()


def lines(rows: Sequence[sa.Row[Any]], width: int) -> bytes:
    """The rows, short ones filled up."""
    return "".join(
        _line(
            [
                *row.cells[:width],
                *[""] * (width - len(row.cells)),
                row.ended or row.verdict or "",
                "; ".join(finding["message"] for finding in row.findings),
            ]
        )
        for row in rows
    ).encode()


async def whole(columns: Sequence[dict[str, Any]], rows: AsyncIterator[Sequence[sa.Row[Any]]]) -> AsyncIterator[bytes]:
    """The file, portion by portion."""
    yield header(columns)
    async for portion in rows:
        yield lines(portion, len(columns))


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return text.getvalue()


def harmless(cell: str) -> str:
    """The cell, never a formula: a spreadsheet takes what begins with = + - @ for one, numbers excepted."""
    starts = cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{cell}" if starts and not _NUMERIC.match(cell) else cell
