"""Reads an uploaded spreadsheet in a child process: nothing in a file can hurt who asks.

The child's memory, time and output are bounded; its death in any way is Unreadable. Rows come as fast as they are
taken: the pipe holds the child back. A cancelled or abandoned reading kills the child.
"""

import asyncio
import os
import struct
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson
import structlog

from crm_chassis.imports.files.shape import SILENCE_S, Column, DateOrder, Format, Note, Outline, Unreadable

_CHILD = "crm_chassis.imports.files.child"
# The child gives up by itself a little earlier; this is for one that can not even do that.
_PATIENCE_S = SILENCE_S + 10
# The greatest frame is one batch and the row that filled it: 200 cells of 10,000 characters of 4 bytes, escaped.
_MAX_FRAME = 64 * 1024 * 1024
# What the child needs from our surroundings; secrets among them are none of its business.
_SURROUNDINGS = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "HOME", "TMPDIR")

log = structlog.get_logger()


async def outline(
    path: Path, name: str, override: Mapping[str, Any] | None = None, date_order: DateOrder = "dmy"
) -> Outline:
    """What is in the file called `name`: format, columns, count of rows, notes; every row was looked at.

    `override` holds fields of `Format` that a person chose; `date_order` is taken when the dates do not tell.
    """
    order = {"path": str(path), "override": dict(override or {}), "date_order": date_order}
    found: Outline | None = None
    async with aclosing(_messages(order)) as messages:
        async for message in messages:
            if "outline" in message:
                found = _outline(message["outline"])
    if found is None:
        raise _broken()
    called = Path(name).suffix.lower()
    if called in (".xlsx", ".xls", ".ods") and found.format.kind == "csv":
        note = Note("other_kind", None, f"the file is called {called}, but there is plain text in it")
        return replace(found, notes=(*found.notes, note))
    return found


async def rows(path: Path, format: Format) -> AsyncGenerator[list[tuple[int, list[str]]], None]:  # noqa: A002 - the word of the API
    """Batches of (row number as a person counts it, cells) below the header; rows with nothing in them are left out.

    Cells are at least as many as the header has; a row may have more. Who leaves the loop early closes the generator
    (`contextlib.aclosing`), and the child is gone; the loop's own cleaning does it a little later.
    """
    async with aclosing(_messages({"path": str(path), "format": asdict(format)})) as messages:
        async for message in messages:
            if "rows" in message:
                yield [(row, cells) for row, cells in message["rows"]]


def _outline(found: dict[str, Any]) -> Outline:
    return Outline(
        format=Format(**found["format"]),
        columns=tuple(
            Column(one["index"], one["name"], one["kind"], tuple(one["samples"])) for one in found["columns"]
        ),
        rows=found["rows"],
        sheets=tuple(found["sheets"]),
        notes=tuple(Note(**note) for note in found["notes"]),
    )


def _broken() -> Unreadable:
    return Unreadable("broken_file", "the file could not be read")


async def _messages(order: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """What the child says, to its last word; Unreadable when it says so, or dies, or falls silent."""
    async with _started(order) as process:
        assert process.stdout is not None
        while True:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    (length,) = struct.unpack(">I", await process.stdout.readexactly(4))
                    if length > _MAX_FRAME:
                        raise _broken()
                    message = orjson.loads(await process.stdout.readexactly(length))
            except asyncio.IncompleteReadError:
                status = await process.wait()
                log.warning("file_reader_died", status=status)
                raise _broken() from None
            except TimeoutError:
                log.warning("file_reader_silent", seconds=_PATIENCE_S)
                raise _broken() from None
            if "fault" in message:
                log.error("file_reader_failed", fault=message["fault"])
                raise _broken()
            if "unreadable" in message:
                raise Unreadable(**message["unreadable"])
            if "end" in message:
                return
            yield message


@asynccontextmanager
async def _started(order: dict[str, Any]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A child that is gone when the block is left, however it is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _CHILD),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _SURROUNDINGS if name in os.environ},
    )
    try:
        assert process.stdin is not None
        process.stdin.write(orjson.dumps(order))
        process.stdin.write_eof()
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        # Shielded, so that a second cancellation leaves no zombie behind.
        await asyncio.shield(process.wait())
