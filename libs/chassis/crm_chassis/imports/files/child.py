"""The process a file is read in: it may starve, spin or crash on what somebody made, and only it.

`python -m crm_chassis.imports.files.child` takes one JSON order from its input and answers with frames (four bytes of
length, then JSON): {"outline": …}, {"rows": [[number, cells], …]}, {"unreadable": …}, {"fault": …} for what only a
mistake of ours explains, and {"end": true} as the last.
"""

import resource
import signal
import struct
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from crm_chassis.imports.files import table
from crm_chassis.imports.files.shape import SILENCE_S, Format, Unreadable

# What the widest lawful file was measured to need, several times over; the address space counts libraries as well.
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_S = 120
# A frame is sent when it has so many rows or about so many characters.
_ROWS = 500
_CHARACTERS = 500_000
_TRACEBACK = 4_000


def _bounded() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
    # As whoever stops the service with Ctrl-C stops the parent, which then stops this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _send(message: dict[str, Any]) -> None:
    signal.alarm(0)
    payload = orjson.dumps(message)
    sys.stdout.buffer.write(struct.pack(">I", len(payload)) + payload)
    sys.stdout.buffer.flush()
    signal.alarm(SILENCE_S)


def _batches(rows: Iterator[table.Row]) -> Iterator[list[table.Row]]:
    batch: list[table.Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += sum(map(len, row[1]))
        if len(batch) >= _ROWS or characters >= _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _answer(order: dict[str, Any]) -> None:
    path = Path(order["path"])
    if "format" in order:
        for batch in _batches(table.rows(path, Format(**order["format"]))):
            _send({"rows": batch})
    else:
        _send({"outline": table.outline(path, order["override"], order["date_order"])})


def main() -> None:
    """Answers the one order it was started with, and ends."""
    _bounded()
    signal.alarm(SILENCE_S)
    try:
        _answer(orjson.loads(sys.stdin.buffer.read()))
    except Unreadable as error:
        _send({"unreadable": {"code": error.code, "message": error.message, "row": error.row}})
    except MemoryError:
        _send({"unreadable": {"code": "too_large_unpacked", "message": "it is too large to be read", "row": None}})
    except RecursionError:
        _send({"unreadable": {"code": "broken_file", "message": "it is nested too deeply", "row": None}})
    except Exception:
        _send({"fault": traceback.format_exc()[-_TRACEBACK:]})
    _send({"end": True})


if __name__ == "__main__":
    main()
